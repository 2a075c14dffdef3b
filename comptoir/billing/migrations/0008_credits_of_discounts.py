"""A line may be a discount, less than nothing: its credits stay between nothing and the line, whichever way it points."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION credits_stay_within_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE line_net bigint; line_invoice bigint; corrected bigint; before bigint;
BEGIN
  SELECT net_minor, invoice_id INTO line_net, line_invoice FROM billing_invoiceline WHERE id = NEW.credits_id FOR NO KEY UPDATE;
  SELECT corrects_id INTO corrected FROM billing_invoice WHERE id = NEW.invoice_id;
  SELECT coalesce(sum(net_minor), 0) INTO before FROM billing_invoiceline WHERE credits_id = NEW.credits_id;
  IF corrected IS DISTINCT FROM line_invoice OR NOT ({within}) THEN
    RAISE EXCEPTION 'line % of %, credited with % before, can''t be credited with %', NEW.credits_id, line_net, before,
      NEW.net_minor USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
  END IF;
  RETURN NEW;
END $$;
"""
NOW = (
    "NEW.net_minor BETWEEN least(line_net, 0) AND greatest(line_net, 0) "
    "AND before + NEW.net_minor BETWEEN least(line_net, 0) AND greatest(line_net, 0)"
)
BEFORE = "before + NEW.net_minor <= line_net"


class Migration(migrations.Migration):
    dependencies = [("billing", "0007_payment_walls")]
    operations = [migrations.RunSQL(FUNCTION.replace("{within}", NOW), FUNCTION.replace("{within}", BEFORE))]
