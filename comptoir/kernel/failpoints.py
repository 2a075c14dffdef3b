"""Places where a test can make the program die, fail or stall. Sandbox only.

`COMPTOIR_FAILPOINT=name:kill|raise|sleepN` arms one point; `comptoir failpoints` lists them. A point costs one look into the
environment when it is not armed.
"""

import os
import signal
import time

POINTS = {
    "door.claimed": "the request key is claimed, nothing else is done",
    "door.locked": "the target is locked and re-read",
    "door.acted": "the verb has run, its events are not written",
    "door.recorded": "events and jobs are written, the transaction is open",
    "gate.before_commit": "the answer is made, the transaction is open",
    "gate.after_commit": "all is committed, the answer is not sent",
    "order.placed": "the order is written, it is not settled",
    "order.seated": "the seats are counted, nothing is invoiced",
    "invoice.drafted": "the invoice has its lines, it has no number",
    "invoice.numbered": "the number is taken, the transaction is open",
    "credit_note.drafted": "the credit note has its lines, it has no number",
    "credit_note.numbered": "the number of the credit note is taken, the transaction is open",
    "sale.undone": "what was sold is undone, nothing is credited",
    "charge.claimed": "the attempts are marked as sent, the provider has not been asked",
    "charge.called": "the provider has answered about charges, nothing is noted",
    "charge.noted": "what became of the charges is noted, the transaction is open",
    "charge.committed": "what became of the charges is committed, the job is not done",
    "refund.claimed": "the refund is marked as sent, the provider has not been asked",
    "refund.called": "the provider has answered about a refund, nothing is noted",
    "refund.noted": "what became of the refund is noted, the transaction is open",
    "method.called": "the provider has answered about a payment method, nothing is noted",
    "provider.heard": "a note of the provider's is kept, the transaction is open",
    "provider.charged": "the sandbox's provider has charged, it has not answered",
    "books.read": "the provider's books are read, nothing is compared",
    "statement.matched": "a line of the bank's paid an invoice, the transaction is open",
    "credit.used": "credit paid an invoice or is to go back, the log knows nothing",
    "renewals.extended": "periods and seats of a batch are written, nothing is invoiced",
    "renewals.sold": "a batch is invoiced and its charges are begun, the log knows nothing",
    "renewals.closed": "lapses are told and what is unpaid is taken back, the run is not closed",
    "renewals.batch": "a batch of renewals is committed, the next is not begun",
    "merge.asked": "an account is closed and leads to another one, nothing is brought over",
    "merge.united": "what somebody has with a customer is brought over, the transaction is open",
    "seats.given": "people are given seats or places in the line, the log knows nothing",
    "use_right.given": "somebody is given a licence beside their seat, the log knows nothing",
    "device.activated": "a device is activated, the log knows nothing",
    "device.taken_over": "the use moved from one device to another, the log knows nothing",
    "licence_file.issued": "a licence file is signed and kept, the log knows nothing",
    "licence_file.revoked": "licence files are revoked, what they stood on has not ended yet",
    "signing_key.made": "the next key of licence files is made, the log knows nothing",
    "signing_key.withdrawn": "a key is withdrawn and its files are revoked, the transaction is open",
    "lease.taken": "somebody has a floating seat, the log knows nothing",
    "lease.borrowed": "a floating seat is borrowed and its file is signed, the transaction is open",
    "archive.packed": "the file of a year is stored, nobody knows of it",
    "job.started": "a job was taken from the queue",
    "job.done": "a job has done its work, the queue does not know",
    "updates.asked": "mails about an update to be installed are written, the transaction is open",
    "release.kept": "the bytes of a release's file are in the store, the row that names them is not committed",
    "release.forgotten": "bytes that no file stands on are gone from the store, the job does not know",
    "upload.running": "a part of an upload is written to the disk",
    "notices.noted": "notices are made of lines of a log, the transaction is open",
    "news.announced": "some customers are to be told of a release, the others are not",
    "news.written": "mails about releases are written and noted, the transaction is open",
    "night.planned": "some customers of a night are in the queue, the others are not",
    "night.customer": "a customer's night has done its work, nothing counts it",
    "mail.claimed": "a message is claimed, it is not handed over",
    "mail.handed_over": "the mail server has the message, we have not noted it",
}


class FailpointRaised(RuntimeError):
    """An armed point was reached in mode `raise`."""


def failpoint(name: str) -> None:
    """Die, raise or stall here if this point is armed.

    Raises KeyError for a name that is not in the table, so that the list stays complete.
    """
    armed = os.environ.get("COMPTOIR_FAILPOINT")
    if not armed:
        return
    meaning = POINTS[name]
    point, _, mode = armed.partition(":")
    if point != name:
        return
    if mode == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if mode == "raise":
        raise FailpointRaised(f"{name}: {meaning}")
    if mode.startswith("sleep"):
        time.sleep(float(mode.removeprefix("sleep")))


def problem_with(armed: str) -> str | None:
    """What is wrong with a value of COMPTOIR_FAILPOINT, as a sentence, or None."""
    point, _, mode = armed.partition(":")
    if point not in POINTS:
        return f"COMPTOIR_FAILPOINT names {point!r}; `comptoir failpoints` lists the points there are."
    if mode in {"kill", "raise"} or (mode.startswith("sleep") and mode[5:].replace(".", "", 1).isdigit()):
        return None
    return f"COMPTOIR_FAILPOINT ends in {mode!r}; it takes kill, raise or sleep followed by seconds, such as sleep5."
