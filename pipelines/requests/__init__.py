"""What people ask for by Articles 15 to 18, 20 and 21 GDPR: recorded with a clock, carried out, and proved."""
