"""The 16 x 16 faces: the script that draws them, trainings, indicators, walks, the web page."""
