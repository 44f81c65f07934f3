-- New words wait in a list that every search reads through until somebody vacuums, which nobody does in the embedded database. A
-- short list is put into the index soon by whoever writes.
ALTER INDEX knowledge_entries_lexemes SET (gin_pending_list_limit = 128);
ALTER INDEX knowledge_entries_tags SET (gin_pending_list_limit = 128);
