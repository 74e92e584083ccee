"""Many runs at once, on the pages that offer them."""
