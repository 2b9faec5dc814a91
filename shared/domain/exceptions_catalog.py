"""The closed catalogue of exceptions: what each code means, who owns it, what may safely be done about it."""

from dataclasses import dataclass

from shared.domain.exception_record import ExceptionCode, Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """`remedies` are safe at any time and safe twice. A critical exception means that a total may be wrong."""

    meaning: str
    owner: Owner
    remedies: tuple[str, ...]
    critical: bool = False


_RESEND = "Have the producer send the event again, corrected, under a new id; the refused one is kept in the archive."
_CLOSE_WHEN_KNOWN = "Close the exception with a note when the producer says that the event is not needed."
_REPAIR_POSTING = "Then `u2c posting repair` with the subject shows what is sent in its place; `--send` sends it, once."
_BOOK_BY_HAND = (
    "Or book it in the ERP by hand: `u2c posting repair --send` takes it over by our key, `mark-posted` by its number."
)
_GIVE_UP = (
    "Or give it up by `u2c posting cancel`, and void the invoice; it is billed anew unless its contract ends before it."
)
_NEXT_BILL_RUN = "Nothing else: the next bill run takes the invoice up again."

CATALOG: dict[ExceptionCode, CatalogEntry] = {
    ExceptionCode.MALFORMED_JSON: CatalogEntry(
        meaning="What arrived is not UTF-8, not JSON, cut off, or names one key twice: nobody can say what it means.",
        owner=Owner.ENGINEERING,
        remedies=(_RESEND, _CLOSE_WHEN_KNOWN),
    ),
    ExceptionCode.NOT_A_CLOUD_EVENT: CatalogEntry(
        meaning="The JSON is not a CloudEvents 1.0 event: specversion, source or id is missing or not usable.",
        owner=Owner.ENGINEERING,
        remedies=(_RESEND, _CLOSE_WHEN_KNOWN),
    ),
    ExceptionCode.UNKNOWN_CONTRACT_VERSION: CatalogEntry(
        meaning="The dataschema names no published version of a usage contract; a draft is not published.",
        owner=Owner.ENGINEERING,
        remedies=(
            "Have the producer name a contract version that exists.",
            "Publish a catalogue with the contract version, then replay the delivery from the archive.",
            _RESEND,
        ),
    ),
    ExceptionCode.RETIRED_CONTRACT_VERSION: CatalogEntry(
        meaning="The event arrived after the last day on which its contract version was accepted.",
        owner=Owner.ENGINEERING,
        remedies=("Have the producer move to a version that is in force.", _RESEND, _CLOSE_WHEN_KNOWN),
    ),
    ExceptionCode.CONTRACT_VIOLATION: CatalogEntry(
        meaning="The event breaks its usage contract: a field is missing, unknown, too long or of the wrong type.",
        owner=Owner.ENGINEERING,
        remedies=(_RESEND, _CLOSE_WHEN_KNOWN),
    ),
    ExceptionCode.INVALID_QUANTITY: CatalogEntry(
        meaning="The quantity is negative, not a finite plain decimal, at least 1e15, or has more than 18 decimals.",
        owner=Owner.ENGINEERING,
        remedies=(_RESEND, _CLOSE_WHEN_KNOWN),
    ),
    ExceptionCode.PAYLOAD_TOO_LARGE: CatalogEntry(
        meaning="The record or the event is bigger than the contract allows and was not parsed.",
        owner=Owner.ENGINEERING,
        remedies=("Have the producer send smaller batches.", _RESEND),
    ),
    ExceptionCode.PAYLOAD_TOO_DEEP: CatalogEntry(
        meaning="The event nests deeper than the contract allows and was not parsed.",
        owner=Owner.ENGINEERING,
        remedies=(_RESEND, _CLOSE_WHEN_KNOWN),
    ),
    ExceptionCode.EVENT_TOO_OLD: CatalogEntry(
        meaning="The event arrived later after its own time than repeats can be told apart.",
        owner=Owner.BILLING_OPERATIONS,
        remedies=(
            "Bill it by hand or waive it, and close the exception with a note of which.",
            "Usage that was taken back: u2c credit --purpose correction on the invoice that billed it.",
        ),
    ),
    ExceptionCode.EVENT_IN_THE_FUTURE: CatalogEntry(
        meaning="The event says a time later than its arrival by more than clocks differ.",
        owner=Owner.ENGINEERING,
        remedies=("Have the producer's clock set right.", _RESEND),
    ),
    ExceptionCode.PRODUCER_QUIET: CatalogEntry(
        meaning="A source that is watched over gives no sign any more; its usage may be missing.",
        owner=Owner.ENGINEERING,
        remedies=(
            "Ask the owner named in the detail; it closes by itself when the source is heard of again.",
            "Take a source that has ended out of the catalogue's producers.",
        ),
    ),
    ExceptionCode.COUNT_MISSING: CatalogEntry(
        meaning="A source says to have sent more events of a time than are in the archive.",
        owner=Owner.ENGINEERING,
        remedies=(
            "Have the source send its events of the periods in the detail again: what is here already counts once.",
            "It closes by itself when all are here; close it if a sender sent again what another one had counted.",
        ),
        critical=True,
    ),
    ExceptionCode.WRONG_HEARTBEAT: CatalogEntry(
        meaning="The archive has more events of a source and time than its heartbeats counted: they prove nothing.",
        owner=Owner.ENGINEERING,
        remedies=(
            "Ask the owner which process sends without counting, or ended before it could tell its count.",
            "It closes by itself when a heartbeat counts them; close it when the reason is known.",
        ),
    ),
    ExceptionCode.UNKNOWN_CUSTOMER: CatalogEntry(
        meaning="No customer of the catalogue goes by the subject of the usage; it is parked.",
        owner=Owner.BILLING_OPERATIONS,
        remedies=("Publish a catalogue in which a customer has the subject: the usage is released by itself.",),
    ),
    ExceptionCode.UNKNOWN_METER: CatalogEntry(
        meaning="The catalogue has no meter of this name; the usage is parked.",
        owner=Owner.BILLING_OPERATIONS,
        remedies=("Publish a catalogue with the meter: the usage is released by itself.",),
    ),
    ExceptionCode.NO_ACTIVE_SUBSCRIPTION: CatalogEntry(
        meaning="The customer had no subscription that charges for the meter at the time of the usage; it is parked.",
        owner=Owner.BILLING_OPERATIONS,
        remedies=("Publish a catalogue with the subscription of that time: the usage is released by itself.",),
    ),
    ExceptionCode.UNMEASURABLE_USAGE: CatalogEntry(
        meaning="A meter's filter or quantity has no value for the event, which is parked for that meter alone.",
        owner=Owner.BILLING_OPERATIONS,
        remedies=(
            "Publish a catalogue whose meter can measure it, say with has(attribute): it is released by itself.",
            "Have the producer name the attribute in what it sends from now on.",
        ),
    ),
    ExceptionCode.USAGE_CONFLICT: CatalogEntry(
        meaning="Two events share source and id and differ in content. The customer's invoices of the period are held.",
        owner=Owner.BILLING_OPERATIONS,
        remedies=(
            "Ask the producer which one is right; the detail names the deliveries, the archive has both.",
            "Release the hold when what was counted is right; correct the usage first when it is not.",
        ),
    ),
    ExceptionCode.CORRECTION_WITHOUT_ORIGINAL: CatalogEntry(
        meaning="A correction names an event that the ledger has not counted by the time that it can no longer arrive.",
        owner=Owner.BILLING_OPERATIONS,
        remedies=(
            "Compare id, source, subject and time with what was sent; send the correction again with the right ones.",
            "If the original is parked, resolve that: once counted it is voided, and this closes by itself.",
        ),
    ),
    ExceptionCode.CORRECTION_REFUSED: CatalogEntry(
        meaning="A correction names an event with another subject or time than it has; nothing was voided.",
        owner=Owner.BILLING_OPERATIONS,
        remedies=("Send the correction again with the original's own subject and time, and close the exception.",),
    ),
    ExceptionCode.CORRECTION_WAITS: CatalogEntry(
        meaning="The original is counted, and the archive does not have everything that is needed to take it back.",
        owner=Owner.ENGINEERING,
        remedies=(
            "Look for what the archive lacks of the window, and for a meter that was changed after it had measured.",
            "It is tried again every few hours, and this closes by itself.",
        ),
    ),
    ExceptionCode.CORRECTION_CONFLICT: CatalogEntry(
        meaning="Several events amend one original. It is voided once, and the usage of each of them counts.",
        owner=Owner.BILLING_OPERATIONS,
        remedies=("Ask the producer which one is right, have the others voided, and close the exception.",),
    ),
    ExceptionCode.LATE_AFTER_ISSUE: CatalogEntry(
        meaning="Usage came so late that no invoice of its contract will read it any more.",
        owner=Owner.FINANCE,
        remedies=("Bill it by hand or waive it, and close the exception with a note of which.",),
    ),
    ExceptionCode.ARCHIVE_DOES_NOT_TIE: CatalogEntry(
        meaning="Counting the raw archive again gives other usage than the ledger. The customer's invoices are held.",
        owner=Owner.ENGINEERING,
        remedies=(
            "Find the windows named in the detail in both; the hold ends by itself when a later bill run ties.",
            "Replay the deliveries that it names if they were quarantined before their contract version was published.",
            "One about a `subject` that no customer owns holds nothing and stays open: close it when it is explained.",
        ),
        critical=True,
    ),
    ExceptionCode.ARCHIVE_DAMAGED: CatalogEntry(
        meaning="Objects of the usage archive are gone or have other content than the day's manifest says.",
        owner=Owner.ENGINEERING,
        remedies=(
            "Bring the objects that are named back from their earlier versions; the bucket keeps them.",
            "A compacted file needs nothing: it is made anew from its raw objects. Find out who changed it, and close.",
        ),
        critical=True,
    ),
    ExceptionCode.USAGE_INCOMPLETE: CatalogEntry(
        meaning="A stage is so far behind that usage of an ended slice is not sealed and cannot be billed yet.",
        owner=Owner.ENGINEERING,
        remedies=("Look at the stage's alarms and its failed batches; sealing goes on by itself when it catches up.",),
        critical=True,
    ),
    ExceptionCode.INVOICE_NOT_STARTED: CatalogEntry(
        meaning="A bill run could not start the invoice of a billing account; the others of the run went on.",
        owner=Owner.ENGINEERING,
        remedies=(
            "Mend what the message names; the next bill run starts the invoice, and this closes then.",
            "Close it if the invoice is there: what failed before it was claimed is started without a look back.",
        ),
    ),
    ExceptionCode.ACCOUNT_PARKED: CatalogEntry(
        meaning="Bill runs leave a billing account out: several in a row ended without an issued invoice for it.",
        owner=Owner.BILLING_OPERATIONS,
        remedies=(
            "Resolve its other exceptions first; they name what is wrong.",
            "Publish a catalogue that mends it: the next bill run takes the account up by itself.",
            "Mended elsewhere, say a hold that was released: `u2c account unpark`; the next bill run takes it up.",
        ),
    ),
    ExceptionCode.INVOICE_INVALID: CatalogEntry(
        meaning="The invoice breaks a rule that every invoice must keep; it is not issued.",
        owner=Owner.BILLING_OPERATIONS,
        remedies=("Publish a catalogue that mends what the message names.", _NEXT_BILL_RUN),
    ),
    ExceptionCode.PRICE_MISSING: CatalogEntry(
        meaning="A charge of the invoice has no price in force in the contract's currency.",
        owner=Owner.FINANCE,
        remedies=("Publish a catalogue with the price.", _NEXT_BILL_RUN),
    ),
    ExceptionCode.TAX_RATE_MISSING: CatalogEntry(
        meaning="No tax rate is in force for the seller's and the buyer's country and the product's tax category.",
        owner=Owner.FINANCE,
        remedies=("Publish a catalogue with the tax rate.", _NEXT_BILL_RUN),
    ),
    ExceptionCode.EXCHANGE_RATE_MISSING: CatalogEntry(
        meaning="No exchange rate into the currency of the legal entity's books is published, or only one too old.",
        owner=Owner.FINANCE,
        remedies=(
            "Publish a catalogue with the rate, and with the source that the legal entity takes.",
            _NEXT_BILL_RUN,
        ),
    ),
    ExceptionCode.TAX_ATTRIBUTE_MISSING: CatalogEntry(
        meaning="Tax cannot be worked out without an address, a tax category's name or a tax id that is not there.",
        owner=Owner.FINANCE,
        remedies=("Publish a catalogue with what the message names.", _NEXT_BILL_RUN),
    ),
    ExceptionCode.TAX_UNAVAILABLE: CatalogEntry(
        meaning="The tax engine does not answer: a draft waits for its tax, or an issued document for its commit.",
        owner=Owner.ENGINEERING,
        remedies=(
            "Wait: a commit is tried again by itself until the engine has it; twice is safe.",
            "A draft: nothing else, the next bill run takes it up again.",
        ),
    ),
    ExceptionCode.TAX_REFUSED: CatalogEntry(
        meaning="The tax engine refuses a document for its own set-up or for what it is told.",
        owner=Owner.FINANCE,
        remedies=(
            "Mend what the message names, in the engine or in the catalogue's legal entity.",
            "A commit is tried again every hour; a draft is taken up by the next bill run.",
        ),
    ),
    ExceptionCode.TAX_AUTH_FAILED: CatalogEntry(
        meaning="The tax engine refuses our credentials, or its certificate is not to be trusted: documents wait.",
        owner=Owner.ENGINEERING,
        remedies=(
            "Renew the connection's secret; commits go on by themselves.",
            "A certificate: make sure who answers at the secret's address; have it put right, and commits go on.",
            "A draft: nothing else, the next bill run takes it up again.",
        ),
    ),
    ExceptionCode.TAX_MISMATCH: CatalogEntry(
        meaning="The tax engine has recorded an issued document with another tax than the document says.",
        owner=Owner.FINANCE,
        remedies=("Compare both, and correct the record in the engine or credit the document and bill it again.",),
        critical=True,
    ),
    ExceptionCode.TAX_FROZEN: CatalogEntry(
        meaning="The tax engine has reported the document to an authority and takes no change of it any more.",
        owner=Owner.FINANCE,
        remedies=(
            "A commit: compare what was reported with the document, and close the exception if it is the same.",
            "A void: credit the document instead.",
        ),
    ),
    ExceptionCode.INVOICE_OVER_LIMIT: CatalogEntry(
        meaning="It comes to more than one invoice of its contract may: runaway usage, a wrong price, or growth.",
        owner=Owner.FINANCE,
        remedies=(
            "Compare usage and prices with the month before; have wrong usage voided, or a wrong price corrected.",
            "If it is right: publish a catalogue with a higher limit for the contract.",
            _NEXT_BILL_RUN,
        ),
    ),
    ExceptionCode.APPROVAL_PENDING: CatalogEntry(
        meaning="The legal entity's approval policy has a reason to look at the invoice, which waits for the approver.",
        owner=Owner.FINANCE,
        remedies=("The approver named in the detail approves or rejects it.",),
    ),
    ExceptionCode.CREDIT_NOTE_PENDING: CatalogEntry(
        meaning="A credit of an issued invoice waits for the approver whom its legal entity's approval policy names.",
        owner=Owner.FINANCE,
        remedies=("The approver named in the detail approves or rejects it: u2c credit --decide.",),
    ),
    ExceptionCode.APPROVAL_OVERDUE: CatalogEntry(
        meaning="Nobody has decided on an invoice in the time that its approval policy gives; it still waits.",
        owner=Owner.FINANCE,
        remedies=(
            "The second approver named in the detail decides, or still the first; nothing is approved by itself.",
            "Nobody there: publish a catalogue that names another approver, who may decide from then on.",
        ),
    ),
    ExceptionCode.APPROVAL_REJECTED: CatalogEntry(
        meaning="The approver rejected the invoice; it has no number and is not posted.",
        owner=Owner.BILLING_OPERATIONS,
        remedies=("Correct what the reason names.", _NEXT_BILL_RUN),
    ),
    ExceptionCode.ADJUSTMENT_KEPT_BACK: CatalogEntry(
        meaning="Usage after the invoice of its period waits: the contract's next invoice could not take it as billed.",
        owner=Owner.FINANCE,
        remedies=(
            "A price that has changed: publish a catalogue with the price that was billed; the next invoice takes it.",
            "A credit that is too great: nothing; it is credited by itself the next day, and the exception ends.",
            "Older than two days: the credit waits for its approver, was rejected, or is more than what is left.",
        ),
    ),
    ExceptionCode.INVOICE_NOT_RENDERED: CatalogEntry(
        meaning="An issued invoice or credit note has no document to send yet; the message names what one lacks.",
        owner=Owner.BILLING_OPERATIONS,
        remedies=(
            "Publish a catalogue with the named fields, then ask for the documents again: it closes by itself.",
            "Ask for the documents again at any time (docs/guides/invoice-documents.md); what was sent stays as it is.",
        ),
    ),
    ExceptionCode.AMENDMENT_WITHDRAWN: CatalogEntry(
        meaning="An amendment was taken back, because ERP or CRM could not be told of it; its contract is as before.",
        owner=Owner.BILLING_OPERATIONS,
        remedies=(
            "Mend what the message names, then ask for the amendment anew, under a new id, and close the exception.",
            "An invoice was built in between: the next one sets fees right, and says so (FEE_CHANGED_SINCE_BILLED).",
        ),
    ),
    ExceptionCode.AMENDMENT_NOT_UNDONE: CatalogEntry(
        meaning="An amendment that failed is not undone everywhere: another one needs it, or ERP or CRM does not know.",
        owner=Owner.BILLING_OPERATIONS,
        remedies=(
            "Mend what the message names, then `u2c amend again ID`: it goes on where it stands.",
            "Leave it in force: correct the CRM's record by hand and close the exception.",
        ),
    ),
    ExceptionCode.MAPPING_MISSING: CatalogEntry(
        meaning=(
            "The legal entity's ERP mapping lacks an account, item, tax code or currency that the document needs,"
            " or has one that the ERP does not know; or the ERP does not have its customer."
        ),
        owner=Owner.FINANCE,
        remedies=(
            "Publish a catalogue with the mapping.",
            "Or have the ERP make or open what the message names, then `u2c mapping check`.",
            "A draft: nothing else, the next bill run takes the invoice up again.",
            _REPAIR_POSTING,
            _BOOK_BY_HAND,
            _GIVE_UP,
        ),
    ),
    ExceptionCode.PERIOD_CLOSED: CatalogEntry(
        meaning="The accounting period of the posting date is closed, by the ERP or the catalogue; nothing was posted.",
        owner=Owner.FINANCE,
        remedies=(
            "Record the closed period in the catalogue: documents are re-dated, their service period stays.",
            _REPAIR_POSTING,
            _BOOK_BY_HAND,
            _GIVE_UP,
        ),
    ),
    ExceptionCode.REVENUE_NOT_ACCRUED: CatalogEntry(
        meaning="An invoice is posted later than the closed month of its service, and no accrual is in that month.",
        owner=Owner.FINANCE,
        remedies=(
            "Open the general ledger of that month and post the accrual and its reversal by `u2c journal post`.",
            "Or leave it revenue of the month that the invoice is posted in.",
        ),
    ),
    ExceptionCode.JOURNAL_PENDING: CatalogEntry(
        meaning="A journal that somebody has prepared waits for an approver; nothing is posted until then.",
        owner=Owner.FINANCE,
        remedies=("Look at it and decide: `u2c journal decide` with its id. Whoever prepared it cannot.",),
    ),
    ExceptionCode.POSTING_REJECTED: CatalogEntry(
        meaning="The ERP refused the document for the reason given; nothing was posted.",
        owner=Owner.FINANCE,
        remedies=("Mend what the ERP names, there or in the catalogue.", _REPAIR_POSTING, _BOOK_BY_HAND, _GIVE_UP),
    ),
    ExceptionCode.POSTING_UNKNOWN: CatalogEntry(
        meaning="It is not known yet whether the ERP has the document; it is looked up until that is certain.",
        owner=Owner.ENGINEERING,
        remedies=(
            "Wait: the resolver looks it up and never sends before absence is proven.",
            "The message names a draft of a closed month that would not go: post it in the ERP, or delete it there.",
        ),
    ),
    ExceptionCode.POSTING_STUCK: CatalogEntry(
        meaning="The ERP has taken the document and has not posted it for hours; it is asked after, never sent again.",
        owner=Owner.FINANCE,
        remedies=(
            "Post it in the ERP, or start there what posts: a batch job, an approval. It is noticed by itself.",
            "Or delete it there: once it is proven absent, it is sent again. Book nothing beside it by hand.",
        ),
    ),
    ExceptionCode.POSTING_ELSEWHERE: CatalogEntry(
        meaning="The document may be in the books of an ERP that its legal entity is not mapped to any more.",
        owner=Owner.FINANCE,
        remedies=(
            "Publish the mapping that it was sent by, and keep it until it has settled: it is looked up by itself.",
            "Refused, since it credits, reverses or accrues what is there: book it there by hand, mark it as posted.",
            "Posted already: look in those books whether a second one with its key came late, and reverse that.",
        ),
        critical=True,
    ),
    ExceptionCode.POSTING_MISMATCH: CatalogEntry(
        meaning="The ERP posted the document with another number, total or rate than it has here, or another key.",
        owner=Owner.FINANCE,
        remedies=(
            "Compare both documents and correct the one in the ERP with a reversal of its own.",
            "Where only the number differs: write ours into the ERP, and have it keep the numbers it is told.",
        ),
        critical=True,
    ),
    ExceptionCode.POSTING_PERIOD_SHIFTED: CatalogEntry(
        meaning="The ERP posted the document as it is here, but into another accounting period, without saying so.",
        owner=Owner.FINANCE,
        remedies=(
            "Leave it there if that period is right, and close the exception with a note that says so.",
            "Or have the ERP move it, by a reversal of its own and the same document with our key in the right period.",
            "Have the ERP refuse closed periods instead of moving documents into open ones.",
        ),
        critical=True,
    ),
    ExceptionCode.POSTING_CONFLICT: CatalogEntry(
        meaning="The ERP has two documents with our key, or another one with it, or one posting has two contents.",
        owner=Owner.FINANCE,
        remedies=(
            "Keep the document that equals ours and reverse the other one in the ERP, or take our key off it.",
            "Oracle Fusion and Dynamics 365 Finance do not tell what was reversed: take our key off it there.",
            _REPAIR_POSTING,
        ),
        critical=True,
    ),
    ExceptionCode.ERP_AUTH_FAILED: CatalogEntry(
        meaning="The ERP refuses a connection's credentials, or its certificate is not to be trusted: postings wait.",
        owner=Owner.ENGINEERING,
        remedies=(
            "Put credentials that it takes into the connection's secret; what waits is sent by itself.",
            "Or have the ERP take those that are there, then `u2c erp resume` with the connection.",
            "A certificate: first find out who answers at the address; have it put right, then `u2c erp resume`.",
        ),
    ),
    ExceptionCode.ERP_NOT_READY: CatalogEntry(
        meaning="The ERP of a legal entity does not let us in, or does not show what posting there needs.",
        owner=Owner.ENGINEERING,
        remedies=("Mend what the message names; `u2c mapping check` looks again and closes the exception.",),
    ),
    ExceptionCode.MAPPING_UNKNOWN: CatalogEntry(
        meaning=(
            "The catalogue maps to accounts, items, tax codes or values that the ERP does not have, or has closed."
            " An invoice that is posted with one is held before it has a number, with MAPPING_MISSING."
        ),
        owner=Owner.FINANCE,
        remedies=(
            "Have the ERP make or open what the message names, or publish a catalogue that names another one.",
            "`u2c mapping check` looks again, names all that is unknown now, and closes the exception.",
        ),
    ),
    ExceptionCode.PERIOD_CLOSED_EARLY: CatalogEntry(
        meaning="The ERP has closed an accounting period while postings into it are not settled here.",
        owner=Owner.FINANCE,
        remedies=(
            "Open the period in the ERP until they are; the exception closes by itself then.",
            "Or leave it closed: what is refused of them is in the exceptions, and goes on by the entity's policy.",
        ),
    ),
    ExceptionCode.VOIDED_IN_ERP: CatalogEntry(
        meaning="A posted document was voided in the ERP by hand: here it still stands, or was taken back as well.",
        owner=Owner.FINANCE,
        remedies=(
            "It stands here: `u2c void --made-in-erp` it too, if nobody is to pay it; that closes the exception.",
            "Of a credit note (/credit/ in its id), which is not sent: `u2c posting mark-posted` what voided it there.",
            "It is taken back there once more: reverse one of the two in the ERP, then close the exception.",
            "Or reverse the void in the ERP; the exception closes once the ERP tells of it.",
        ),
        critical=True,
    ),
    ExceptionCode.CREDITED_IN_ERP: CatalogEntry(
        meaning="A credit memo was made in the ERP by hand, and is not recorded here, or its document there not named.",
        owner=Owner.FINANCE,
        remedies=(
            "Of an invoice: record the same amounts here by `u2c credit --made-in-erp --issue`, which sends nothing.",
            "Of a credit note (/credit/ in its id): name the ERP's document by `u2c posting mark-posted`.",
            "Or take the credit back in the ERP; the exception closes once the ERP tells of it.",
        ),
        critical=True,
    ),
    ExceptionCode.UNKNOWN_IN_ERP: CatalogEntry(
        meaning="The ERP has a document with a key as ours that was not posted from here, or beside the one that was.",
        owner=Owner.FINANCE,
        remedies=(
            "Find out who made it: a copy of one of our documents, or another installation that posts there.",
            "It stands for one that is unsent here: `u2c posting repair` with that takes it over.",
            "Reverse it in the ERP if it doubles revenue; the exception closes once the ERP tells that it was voided.",
            "Or take the key off it there, or leave it, and close the exception with a note.",
        ),
        critical=True,
    ),
    ExceptionCode.ERP_FILE_NOT_DELIVERED: CatalogEntry(
        meaning="A file for an ERP could not be brought to its receiver's server; the files behind it wait.",
        owner=Owner.ENGINEERING,
        remedies=("Mend the connector, its secret or the server; the file goes out by itself, with the same bytes.",),
    ),
    ExceptionCode.ERP_FILE_REFUSED: CatalogEntry(
        meaning="The receiver does not take a file as a whole; none of its documents is booked.",
        owner=Owner.FINANCE,
        remedies=(
            "DAMAGED, SEQUENCE_GAP, CHAIN_BROKEN: find out why, then deliver the same file again; see the guide.",
            "Anything else is for good: its postings are refused. Repair each as it says; they go in a new file.",
            "Close the exception then: one that is refused for good does not close by itself.",
        ),
    ),
    ExceptionCode.ERP_ANSWER_WRONG: CatalogEntry(
        meaning="A receiver's answer to a file cannot be right, or it booked other amounts; it was not believed.",
        owner=Owner.FINANCE,
        remedies=(
            "Compare the file with the receiver's ledger, and reverse there what was booked wrongly.",
            "Then close the exception, with a note of what was wrong.",
        ),
        critical=True,
    ),
    ExceptionCode.ERP_SETTLEMENTS_UNREAD: CatalogEntry(
        meaning="A receiver's file of payments cannot be read or never came; it keeps those behind it waiting.",
        owner=Owner.FINANCE,
        remedies=(
            "Have the receiver write the file again under its name, whole; it is read by itself, then the others.",
        ),
    ),
    ExceptionCode.DEAD_LETTER: CatalogEntry(
        meaning="A message failed until its receives were used up and lies in a dead-letter queue.",
        owner=Owner.ENGINEERING,
        remedies=("Find the cause in the consumer's log, then redrive the queue and close the exception.",),
        critical=True,
    ),
    ExceptionCode.FAILED_BATCH: CatalogEntry(
        meaning="A batch of a stream was given up after its retries; its records lie in the failed-batches bucket.",
        owner=Owner.ENGINEERING,
        remedies=("Find the cause in the log, then invoke the function with the object's payload; twice is safe.",),
        critical=True,
    ),
    ExceptionCode.FAILED_EXECUTION: CatalogEntry(
        meaning="An execution of a state machine failed; what it had stored is kept.",
        owner=Owner.ENGINEERING,
        remedies=("Find the failed state in the execution's history, then redrive the execution.",),
        critical=True,
    ),
}
