
// Nobody must take a page that has grown old for how things stand.
const GROWN_OLD = 2 * 60 * 60 * 1000; // It is drawn anew every hour, and after every delivery.
const stale = document.querySelector(".stale");
const age = Date.now() - Date.parse(stale.dataset.drawn);
if (age > GROWN_OLD) {
  stale.querySelector("span").textContent = Math.floor(age / 3600000).toLocaleString("en");
  stale.hidden = false;
}
