-- Until now "nothing said" meant this. It is said from here on, so that another default cuts no collection's documents in
-- two ways, and nobody's are made anew unasked.
UPDATE collections SET chunk_profile = '{"targetCharacters": 900, "context": "none"}' WHERE chunk_profile = '{}';
UPDATE documents SET indexed_with = jsonb_set(indexed_with, '{profile}', '{"targetCharacters": 900, "context": "none"}')
  WHERE indexed_with->'profile' = '{}';
UPDATE documents SET pending_with = jsonb_set(pending_with, '{profile}', '{"targetCharacters": 900, "context": "none"}')
  WHERE pending_with->'profile' = '{}';
