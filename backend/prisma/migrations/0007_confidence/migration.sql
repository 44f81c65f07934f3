-- How sure an answer was, as it was measured and before ratings corrected it, and what that was made of and shown as.
-- Null: nothing measured it.
ALTER TABLE runs ADD COLUMN confidence real CHECK (confidence BETWEEN 0 AND 1);
ALTER TABLE runs ADD COLUMN confidence_parts jsonb;
