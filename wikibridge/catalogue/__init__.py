"""Tools and proposals put together: which pages speak of one tool, what is proposed for it, how it is shown. Pure."""
