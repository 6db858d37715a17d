-- Which conversations were handed off, found without walking the log: for questions without an article.
create index log_handed_off on log (conversation, at_us) where kind = 'handed_off';
