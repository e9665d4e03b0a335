"""How fast, how large and how well paced: ratios against peers, measured in one run."""
