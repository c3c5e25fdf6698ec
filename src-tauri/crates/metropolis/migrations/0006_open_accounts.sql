-- Accounts that IT opens, locks and moves.
SELECT 1;
