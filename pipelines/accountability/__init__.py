"""What a controller shows an authority: the record of processing, breaches, events, and what is due (Article 5(2))."""
