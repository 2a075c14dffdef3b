"""The walls of invoices; what has a number stays as it is."""

from django.db import migrations

from comptoir.kernel.walls import wall

ISSUED = """
CREATE FUNCTION issued_invoice_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.number IS NOT NULL THEN
    RAISE EXCEPTION 'invoice % is issued and stays as it is', OLD.number USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION issued_lines_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' OR EXISTS (SELECT 1 FROM billing_invoice i WHERE i.id = NEW.invoice_id AND i.number IS NOT NULL) THEN
    RAISE EXCEPTION 'the lines of an invoice stay as they are' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER billing_invoice_issued BEFORE UPDATE OR DELETE ON billing_invoice
  FOR EACH ROW EXECUTE FUNCTION issued_invoice_stays();
CREATE TRIGGER billing_invoice_all_stays BEFORE TRUNCATE ON billing_invoice
  FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER billing_invoiceline_issued BEFORE INSERT OR UPDATE OR DELETE ON billing_invoiceline
  FOR EACH ROW EXECUTE FUNCTION issued_lines_stay();
CREATE TRIGGER billing_invoiceline_all_stays BEFORE TRUNCATE ON billing_invoiceline
  FOR EACH STATEMENT EXECUTE FUNCTION append_only();
"""
UNDO = """
DROP TRIGGER billing_invoice_issued ON billing_invoice;
DROP TRIGGER billing_invoice_all_stays ON billing_invoice;
DROP TRIGGER billing_invoiceline_issued ON billing_invoiceline;
DROP TRIGGER billing_invoiceline_all_stays ON billing_invoiceline;
DROP FUNCTION issued_invoice_stays();
DROP FUNCTION issued_lines_stay();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial"), ("organisations", "0002_walls")]
    operations = [
        wall("billing_invoice"),
        wall("billing_invoiceline", references={"invoice_id": "billing_invoice"}),
        migrations.RunSQL(ISSUED, UNDO),
    ]
