"""What to do about codes whose messages carry no hint, and words that cannot be read from the source."""

from __future__ import annotations

from docs.generate.said import Said

OF_KIND = {
    "TransientError": "Nothing: the step is repeated with growing waits. If it comes back, wait until the other side is"
    " well again and start the delivery once more.",
    "InternalError": "Start the delivery once more. If it comes back, report it with the log of the step.",
    "warning": "Nothing, if that is what you want.",
}
"""The advice for codes that have no other."""

FINDING = "Nothing; it is shown so that you know."
VERDICT = "See [`{verdict}`](../../how-to/read-a-mismatch.md#{anchor})."
"""The advice for findings: it is the same for all that lead to a verdict."""

ADVICE = {
    "config.field-elsewhere": "Move the field to the section that the hint names.",
    "config.field-name": "Put the name in quotes.",
    "config.syntax": "Look at the marked place and the line above it: most often a quote, a colon or the indentation.",
    "config.too-large": "Split it into several deliveries.",
    "config.too-many-nodes": "Split it into several deliveries.",
    "event.not-understood": "Compare the event with [its schema](../events.md). Send a right one; then delete the"
    " message from the dead-letter queue.",
    "event.not-published": "Nothing. If it comes back: the function needs `events:PutEvents` on the bus.",
    "config.no-schedule-params": "Report it with the config.",
    "config.no-activation": "Report it with the config.",
    "config.no-audience-schedule": "Report it with the config.",
    "config.no-audience-export-mode": "Report it with the config.",
    "secret.not-text": "Put it anew, with `--secret-string`, as a JSON object.",
    "secret.host-key-missing": "Ask the server's owner for its public key, and put it into the secret as `hostKey`."
    " `ssh-keyscan` shows what the server answers with.",
    "secret.host-key-invalid": "Write type and key, `ssh-ed25519 AAAA…`, as a line of `known_hosts` has them.",
    "destination.unknown": "Write one of [the catalogue](../destinations.md).",
    "destination.connection-refused": "Adobe's words are in the message. Look whether key, bucket and permissions are"
    " right; then put the mended secret.",
    "run.audience-not-ready": "Nothing: the step asks again. To avoid the wait, let the schedule run it.",
    "adobe.entity-not-found": "Look for it in this sandbox in Adobe. What the delivery made and somebody deleted is"
    " made anew by the next delivery.",
    "storage.key-refused": "Move the blob away. Adobe writes no such names.",
    "storage.call-refused": "Report it with the log of the step.",
    "state.resources-remain": "Remove the delivery's resources in Adobe first: start the removal once more.",
    "state.superseded-remain": "Start a delivery, which removes what was replaced; then the removal.",
    "work.document-missing": "Start the delivery again. If a lifecycle rule deletes documents early, make it later.",
    "schedule.end-not-set": "Give `scheduleParams.endTime`, and renew it before it comes.",
    "schedule.ends-soon": "Give a later `endTime` and deliver.",
    "schedule.first-run-is-full": "Make sure that the destination has room for everything, once.",
    "activation.ended": "Give the audience a later `endDate`, or take it out of the config.",
    "activation.ends-soon": "Give the audience a later `endDate` and deliver.",
    "activation.end-day-not-exported": "Give the day after the last one that you want.",
    "activation.no-deduplication-key": "Give `activation.primaryFields`.",
    "activation.exited-members-left-out": "Add `segmentMembership.….status` to the attributes, if leavers matter.",
    "dataset.events-of-a-year": "Query Service or Data Access reach further back.",
    "destination.encrypted": "Keep the manifest on (`includeFileManifest: true`): names and sizes are compared.",
    "filename.same-every-time": "Add `%DATETIME(YYYYMMdd_HHmmss)%` to the file name.",
    "folder.same-every-time": "Add a time to `foldernameTemplate`.",
    "folder.datasets-mixed": "Add `%DATASET_ID%` or `%DATASET_NAME%` to `foldernameTemplate`.",
    "run.not-ready-at-once": "Nothing: the step waits for it.",
    "run.not-ready-for-an-hour": "Nothing: the step waits for it.",
    "sandbox.nearly-full": "Remove destinations that nobody needs.",
    "aws.unreachable": "Look at your network and `AWS_ENDPOINT_URL`. For the embedded cloud, start `make cloud`.",
    "cli.delivery-unknown": "`aep-delivery status` lists what is known. A delivery is called `sandbox/name`.",
    "cli.file-unreadable": "Look at the path and its permissions.",
    "cli.file-unwritable": "Give a path where you may write.",
    "cli.not-a-config": "Let the name end in `.yaml`, `.yml` or `.json`.",
    "cli.plan-foreign": "Make a new plan for this delivery, or name the stack that the plan is for.",
}

_UNKNOWN_MACRO = "Use <the macros known there> or DATETIME(YYYYMMdd_HHmmss)."
SAID = {
    "config.too-short": Said("needs at least 1", "Add one."),
    "set.dataset-missing": Said("<dataset> has no data file; and the others do not make up for it.", ""),
    "set.dataset-empty": Said("<dataset> has no data file; the run's totals add up without it.", ""),
    "set.audience-missing": Said("<audience> has no data file; the run reports <records> of it.", ""),
    "set.audience-empty": Said("<audience> has no data file; the run's totals add up without it.", ""),
    "set.files-missing": Said("Adobe reports <number> files, storage has <number>.", ""),
    "set.too-many-files": Said("Adobe reports <number> files, storage has <number>.", ""),
    "manifest.invalid": Said("The manifest cannot be read: <what is wrong with it>.", ""),
    "schema.columns-differ": Said("The columns <names> are not those of <the other file>.", ""),
    "file.unreadable": Said("<What the storage says of the file>", ""),
    "sandbox.not-allowed-here": Said(
        "A config below <prefix> may not name the sandbox <sandbox>.",
        "There it may name <sandboxes>; the stack's parameter AllowedSandboxes says so.",
    ),
    "csv.header-differs": Said("The header lacks <names>; it has <names> besides.", ""),
    "verification.unknown-folder-macro": Said("%<name>% is not a macro of folder names.", _UNKNOWN_MACRO),
    "verification.unknown-filename-macro": Said("%<name>% is not a macro of file names.", _UNKNOWN_MACRO),
}
ADOBE = Said("Adobe says: <Adobe's own words> (<status and code>)", "")
"""For the codes that stand for an answer of Adobe's."""
