"""This site's own machinery: what it derives from its pages, and what it adds to MkDocs; how it looks is in theme/."""
