-- Accounts that IT opens, locks and moves: each has an identifier of its own, so that the journal need not spell logins.
ALTER TABLE vigie.account ADD COLUMN account_id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE;
