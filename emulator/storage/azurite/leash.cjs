// Preloaded into Azurite: ends it with whoever holds the other end of its standard input, however that one ended.
process.stdin.on("close", () => process.exit(0)).resume();
