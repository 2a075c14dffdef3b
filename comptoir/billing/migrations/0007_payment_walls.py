"""The walls of payments, and what the database itself counts: credits of a line, uses of a payment, what is still open."""

from django.db import migrations

from comptoir.kernel.walls import appended, wall

KEYS = """
ALTER TABLE billing_invoice ADD CONSTRAINT billing_invoice_corrects_id_wall FOREIGN KEY (organisation_id, corrects_id)
  REFERENCES billing_invoice (organisation_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE billing_invoiceline ADD CONSTRAINT billing_invoiceline_credits_id_wall FOREIGN KEY (organisation_id, credits_id)
  REFERENCES billing_invoiceline (organisation_id, id) DEFERRABLE INITIALLY DEFERRED;
"""
NO_KEYS = """
ALTER TABLE billing_invoice DROP CONSTRAINT billing_invoice_corrects_id_wall;
ALTER TABLE billing_invoiceline DROP CONSTRAINT billing_invoiceline_credits_id_wall;
"""
CREDITS = """
CREATE FUNCTION credits_stay_within_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE line_net bigint; line_invoice bigint; corrected bigint; before bigint;
BEGIN
  SELECT net_minor, invoice_id INTO line_net, line_invoice FROM billing_invoiceline WHERE id = NEW.credits_id FOR NO KEY UPDATE;
  SELECT corrects_id INTO corrected FROM billing_invoice WHERE id = NEW.invoice_id;
  SELECT coalesce(sum(net_minor), 0) INTO before FROM billing_invoiceline WHERE credits_id = NEW.credits_id;
  IF corrected IS DISTINCT FROM line_invoice OR before + NEW.net_minor > line_net THEN
    RAISE EXCEPTION 'line % of %, credited with % before, can''t be credited with %', NEW.credits_id, line_net, before,
      NEW.net_minor USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER credits_within_line BEFORE INSERT ON billing_invoiceline
  FOR EACH ROW WHEN (NEW.credits_id IS NOT NULL) EXECUTE FUNCTION credits_stay_within_line();
"""
BALANCE = """
CREATE FUNCTION document_moves_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.kind = 'F' THEN
    INSERT INTO billing_invoicebalance (organisation_id, invoice_id, number, contract_id, due_on, currency, open_minor)
    VALUES (NEW.organisation_id, NEW.id, NEW.number, NEW.contract_id, NEW.due_on, NEW.currency, NEW.total_minor);
  ELSE
    UPDATE billing_invoicebalance SET open_minor = open_minor - NEW.total_minor WHERE invoice_id = NEW.corrects_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER balance_follows_new_document AFTER INSERT ON billing_invoice
  FOR EACH ROW WHEN (NEW.number IS NOT NULL) EXECUTE FUNCTION document_moves_balance();
CREATE TRIGGER balance_follows_number AFTER UPDATE ON billing_invoice
  FOR EACH ROW WHEN (OLD.number IS NULL AND NEW.number IS NOT NULL) EXECUTE FUNCTION document_moves_balance();

CREATE FUNCTION allocation_moves_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free bigint; here bigint;
BEGIN
  SELECT amount_minor INTO free FROM billing_payment WHERE id = NEW.payment_id FOR NO KEY UPDATE;
  free := free - (SELECT coalesce(sum(amount_minor), 0) FROM billing_allocation WHERE payment_id = NEW.payment_id)
    - (SELECT coalesce(sum(amount_minor), 0) FROM billing_dispute WHERE payment_id = NEW.payment_id AND state <> 'won')
    - (SELECT coalesce(sum(amount_minor), 0) FROM billing_refund WHERE payment_id = NEW.payment_id AND credit_note_id IS NULL);
  IF NEW.amount_minor < 0 THEN
    SELECT coalesce(sum(amount_minor), 0) INTO here FROM billing_allocation
    WHERE payment_id = NEW.payment_id AND invoice_id = NEW.invoice_id;
  END IF;
  IF (NEW.amount_minor > 0 AND NEW.amount_minor > free) OR (NEW.amount_minor < 0 AND here + NEW.amount_minor < 0) THEN
    RAISE EXCEPTION 'payment % has % left, not %', NEW.payment_id, free, NEW.amount_minor
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  UPDATE billing_invoicebalance SET open_minor = open_minor - NEW.amount_minor
  WHERE invoice_id = NEW.invoice_id AND (NEW.amount_minor < 0 OR open_minor >= NEW.amount_minor);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'invoice % has less than % open', NEW.invoice_id, NEW.amount_minor
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER allocation_within_payment_and_invoice BEFORE INSERT ON billing_allocation
  FOR EACH ROW EXECUTE FUNCTION allocation_moves_balance();

CREATE FUNCTION refund_moves_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE paid bigint; note record; free bigint;
BEGIN
  SELECT amount_minor INTO paid FROM billing_payment WHERE id = NEW.payment_id FOR NO KEY UPDATE;
  IF NEW.credit_note_id IS NULL THEN
    free := paid - (SELECT coalesce(sum(amount_minor), 0) FROM billing_allocation WHERE payment_id = NEW.payment_id)
      - (SELECT coalesce(sum(amount_minor), 0) FROM billing_dispute WHERE payment_id = NEW.payment_id AND state <> 'won')
      - (SELECT coalesce(sum(amount_minor), 0) FROM billing_refund WHERE payment_id = NEW.payment_id AND credit_note_id IS NULL);
  ELSE
    SELECT kind, corrects_id, total_minor INTO note FROM billing_invoice WHERE id = NEW.credit_note_id;
    free := least(
      note.total_minor - (SELECT coalesce(sum(amount_minor), 0) FROM billing_refund WHERE credit_note_id = NEW.credit_note_id),
      (SELECT coalesce(sum(amount_minor), 0) FROM billing_allocation
       WHERE payment_id = NEW.payment_id AND invoice_id = note.corrects_id)
      - (SELECT coalesce(sum(r.amount_minor), 0) FROM billing_refund r JOIN billing_invoice n ON n.id = r.credit_note_id
         WHERE r.payment_id = NEW.payment_id AND n.corrects_id = note.corrects_id));
    UPDATE billing_invoicebalance SET open_minor = open_minor + NEW.amount_minor WHERE invoice_id = note.corrects_id;
  END IF;
  IF free IS NULL OR NEW.amount_minor > free THEN
    RAISE EXCEPTION 'payment % can give back %, not %', NEW.payment_id, free, NEW.amount_minor
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refund_within_payment BEFORE INSERT ON billing_refund
  FOR EACH ROW EXECUTE FUNCTION refund_moves_balance();
"""
STAYS = """
CREATE FUNCTION attempt_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
    OR (NEW.organisation_id, NEW.invoice_id, NEW.order_id, NEW.method_id, NEW.amount_minor, NEW.currency, NEW.nth, NEW.reference)
      IS DISTINCT FROM
      (OLD.organisation_id, OLD.invoice_id, OLD.order_id, OLD.method_id, OLD.amount_minor, OLD.currency, OLD.nth, OLD.reference)
    OR (OLD.ended_on IS NOT NULL AND NEW.state <> OLD.state AND NOT (OLD.state = 'succeeded' AND NEW.state = 'reversed')) THEN
    RAISE EXCEPTION 'attempt % stays as it is', OLD.reference USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER billing_attempt_stays BEFORE UPDATE OR DELETE ON billing_attempt
  FOR EACH ROW EXECUTE FUNCTION attempt_stays();
CREATE FUNCTION refund_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
    OR (NEW.organisation_id, NEW.payment_id, NEW.credit_note_id, NEW.amount_minor, NEW.currency, NEW.reference)
      IS DISTINCT FROM (OLD.organisation_id, OLD.payment_id, OLD.credit_note_id, OLD.amount_minor, OLD.currency, OLD.reference)
    OR (OLD.state IN ('succeeded', 'paid_out') AND NEW.state <> OLD.state AND NEW.state <> 'failed') THEN
    RAISE EXCEPTION 'refund % stays as it is', OLD.reference USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER billing_refund_stays BEFORE UPDATE OR DELETE ON billing_refund FOR EACH ROW EXECUTE FUNCTION refund_stays();
CREATE FUNCTION dispute_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (NEW.organisation_id, NEW.payment_id, NEW.amount_minor, NEW.currency, NEW.provider_ref)
      IS DISTINCT FROM (OLD.organisation_id, OLD.payment_id, OLD.amount_minor, OLD.currency, OLD.provider_ref) THEN
    RAISE EXCEPTION 'dispute % stays as it is', OLD.provider_ref USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER billing_dispute_stays BEFORE UPDATE OR DELETE ON billing_dispute FOR EACH ROW EXECUTE FUNCTION dispute_stays();
CREATE FUNCTION balance_is_a_mirror() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a balance stays as it is until a document or money moves it' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER billing_invoicebalance_mirrors BEFORE INSERT OR UPDATE OR DELETE ON billing_invoicebalance
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION balance_is_a_mirror();
"""
UNDO = """
DROP TRIGGER billing_invoicebalance_mirrors ON billing_invoicebalance; DROP FUNCTION balance_is_a_mirror();
DROP TRIGGER billing_dispute_stays ON billing_dispute; DROP FUNCTION dispute_stays();
DROP TRIGGER billing_refund_stays ON billing_refund; DROP FUNCTION refund_stays();
DROP TRIGGER billing_attempt_stays ON billing_attempt; DROP FUNCTION attempt_stays();
DROP TRIGGER refund_within_payment ON billing_refund; DROP FUNCTION refund_moves_balance();
DROP TRIGGER allocation_within_payment_and_invoice ON billing_allocation; DROP FUNCTION allocation_moves_balance();
DROP TRIGGER balance_follows_number ON billing_invoice;
DROP TRIGGER balance_follows_new_document ON billing_invoice; DROP FUNCTION document_moves_balance();
DROP TRIGGER credits_within_line ON billing_invoiceline; DROP FUNCTION credits_stay_within_line();
"""
OPEN_NOW = """
INSERT INTO billing_invoicebalance (organisation_id, invoice_id, number, contract_id, due_on, currency, open_minor)
SELECT organisation_id, id, number, contract_id, due_on, currency, total_minor FROM billing_invoice
WHERE kind = 'F' AND number IS NOT NULL ORDER BY id;
SET CONSTRAINTS ALL IMMEDIATE;
"""
PAID = {"payment_id": "billing_payment", "invoice_id": "billing_invoice", "dispute_id": "billing_dispute"}


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_outside"), ("organisations", "0002_walls")]
    operations = [
        migrations.RunSQL(KEYS, NO_KEYS),
        wall("billing_invoicebalance", references={"invoice_id": "billing_invoice"}),
        wall("billing_paymentmethod", references={"added_by_id": "organisations_membership"}),
        wall(
            "billing_methodsetup",
            references={"method_id": "billing_paymentmethod", "asked_by_id": "organisations_membership"},
        ),
        wall("billing_attempt", references={"invoice_id": "billing_invoice", "method_id": "billing_paymentmethod"}),
        wall("billing_payment", references={"attempt_id": "billing_attempt"}),
        wall("billing_dispute", references={"payment_id": "billing_payment"}),
        wall("billing_allocation", references=PAID),
        wall("billing_refund", references={"payment_id": "billing_payment", "credit_note_id": "billing_invoice"}),
        appended("billing_payment"),
        appended("billing_allocation"),
        migrations.RunSQL(OPEN_NOW, migrations.RunSQL.noop),
        migrations.RunSQL(CREDITS + BALANCE + STAYS, UNDO),
    ]
