"""What is not as it should be: now, before, one alert, and a shop's settings for it."""
