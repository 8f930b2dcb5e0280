"""Who may do what: keys and their scopes, the desk's sessions, pages of other origins."""
