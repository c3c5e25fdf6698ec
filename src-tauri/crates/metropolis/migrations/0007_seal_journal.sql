-- Seals of the journal, and the house's seat.
SELECT 1;
