"""From drafts to points that are safe on disk, with whatever is known of children and copies."""
