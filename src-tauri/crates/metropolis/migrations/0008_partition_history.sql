-- History by month, wake-ups, and the horizon of tombstones.
SELECT 1;
