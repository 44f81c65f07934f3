-- Passages are found by the tags of their document, of which there are far fewer; this index was only written to.
DROP INDEX knowledge_entries_tags;
