-- What BM25 must know of a collection, kept right by the very transactions that make entries visible or hide them: how many
-- there are, how long they are together, and how many have each word. An entry is visible when it is of its document's version
-- and the document is not being deleted. The same triggers move `collections.version`, whoever changes something.
ALTER TABLE collections
  ADD COLUMN entry_count bigint NOT NULL DEFAULT 0,
  ADD COLUMN entry_length bigint NOT NULL DEFAULT 0;

-- No foreign key: it would be checked for every word of every document. A trigger takes the rows away with the collection.
CREATE TABLE collection_terms (
  workspace_id uuid NOT NULL,
  collection_id uuid NOT NULL,
  -- A stem; or a space, which no stem has, and the name of an embedding model: how many have a vector of it.
  lexeme text COLLATE "C" NOT NULL,
  entry_count integer NOT NULL,
  PRIMARY KEY (workspace_id, lexeme, collection_id)
) WITH (fillfactor = 80);
CREATE INDEX collection_terms_collection ON collection_terms (workspace_id, collection_id);

CREATE FUNCTION entry_words(lexemes text[], embedding_model text) RETURNS SETOF text LANGUAGE sql IMMUTABLE
  RETURN unnest(array_remove(lexemes || (' ' || embedding_model), NULL));

UPDATE collections c SET entry_count = s.entries, entry_length = s.length
FROM (
  SELECT e.workspace_id, e.collection_id, count(*) AS entries, sum(e.length) AS length
  FROM knowledge_entries e JOIN documents d ON d.workspace_id = e.workspace_id AND d.id = e.document_id
  WHERE d.version = e.version AND d.status <> 'deleting' GROUP BY 1, 2
) s
WHERE c.workspace_id = s.workspace_id AND c.id = s.collection_id;
INSERT INTO collection_terms (workspace_id, collection_id, lexeme, entry_count)
  SELECT e.workspace_id, e.collection_id, word, count(*)
  FROM knowledge_entries e JOIN documents d ON d.workspace_id = e.workspace_id AND d.id = e.document_id, entry_words(e.lexemes, e.embedding_model) AS word
  WHERE d.version = e.version AND d.status <> 'deleting' GROUP BY 1, 2, 3;

-- Moves the version and the sums; true when the words have to be counted too. The collection's row is locked first, so that
-- two writers never wait for each other's words.
CREATE FUNCTION collection_moved(of_workspace uuid, of_collection uuid, entries bigint, total_length bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  remaining bigint;
BEGIN
  UPDATE collections c SET version = version + 1, entry_count = entry_count + entries, entry_length = entry_length + total_length
  WHERE c.workspace_id = of_workspace AND c.id = of_collection RETURNING c.entry_count INTO remaining;
  IF NOT FOUND THEN RETURN false; END IF;
  IF remaining > 0 THEN RETURN true; END IF;
  DELETE FROM collection_terms t WHERE t.workspace_id = of_workspace AND t.collection_id = of_collection;
  RETURN false;
END $$;

CREATE FUNCTION collection_terms_moved(of_workspace uuid, of_collection uuid, words text[], counts bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF words IS NULL THEN RETURN; END IF;
  INSERT INTO collection_terms AS t (workspace_id, collection_id, lexeme, entry_count)
    SELECT of_workspace, of_collection, n.word, n.moved FROM unnest(words, counts) AS n (word, moved)
    ON CONFLICT (workspace_id, lexeme, collection_id) DO UPDATE SET entry_count = t.entry_count + excluded.entry_count;
  IF 0 > ANY (counts) THEN
    -- A word that no entry has any more is not kept: it may have been somebody's secret.
    DELETE FROM collection_terms t USING unnest(words, counts) AS n (word, moved)
    WHERE t.workspace_id = of_workspace AND t.collection_id = of_collection AND t.lexeme = n.word AND n.moved < 0 AND t.entry_count <= 0;
  END IF;
END $$;

-- A document shows another version, is being deleted, or is called or tagged otherwise.
CREATE FUNCTION documents_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moved record;
BEGIN
  FOR moved IN
    SELECT o.workspace_id, o.collection_id, coalesce(sum(s.entries), 0)::bigint AS entries, coalesce(sum(s.length), 0)::bigint AS length
    FROM old_rows o JOIN new_rows n ON n.workspace_id = o.workspace_id AND n.id = o.id, LATERAL (
      SELECT CASE WHEN o.status = 'deleting' THEN 0 ELSE o.version END AS was, CASE WHEN n.status = 'deleting' THEN 0 ELSE n.version END AS shown
    ) v, LATERAL (
      SELECT sum(CASE WHEN e.version = v.shown THEN 1 ELSE -1 END) AS entries, sum(CASE WHEN e.version = v.shown THEN e.length ELSE -e.length END) AS length
      FROM knowledge_entries e WHERE v.was <> v.shown
        AND e.workspace_id = o.workspace_id AND e.document_id = o.id AND e.version IN (v.was, v.shown)
    ) s
    WHERE v.was <> v.shown
      OR (v.shown > 0 AND (o.name, o.tags, o.document_date, o.media_type, o.external_id) IS DISTINCT FROM (n.name, n.tags, n.document_date, n.media_type, n.external_id))
    GROUP BY o.workspace_id, o.collection_id ORDER BY o.workspace_id, o.collection_id
  LOOP
    IF collection_moved(moved.workspace_id, moved.collection_id, moved.entries, moved.length) THEN
      PERFORM collection_terms_moved(moved.workspace_id, moved.collection_id, array_agg(w.word), array_agg(w.moved)) FROM (
        SELECT word, sum(CASE WHEN e.version = v.shown THEN 1 ELSE -1 END)::bigint AS moved
        FROM old_rows o JOIN new_rows n ON n.workspace_id = o.workspace_id AND n.id = o.id, LATERAL (
          SELECT CASE WHEN o.status = 'deleting' THEN 0 ELSE o.version END AS was, CASE WHEN n.status = 'deleting' THEN 0 ELSE n.version END AS shown
        ) v JOIN knowledge_entries e ON v.was <> v.shown AND e.version IN (v.was, v.shown), entry_words(e.lexemes, e.embedding_model) AS word
        WHERE o.workspace_id = moved.workspace_id AND o.collection_id = moved.collection_id
          AND e.workspace_id = o.workspace_id AND e.document_id = o.id
        GROUP BY word HAVING sum(CASE WHEN e.version = v.shown THEN 1 ELSE -1 END) <> 0 ORDER BY word
      ) w;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER documents_moved AFTER UPDATE ON documents
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION documents_moved();

-- A document that goes without having been marked: its entries are still there before it.
CREATE FUNCTION document_removed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moved record;
BEGIN
  SELECT count(*) AS entries, coalesce(sum(e.length), 0) AS length INTO moved FROM knowledge_entries e
    WHERE e.workspace_id = OLD.workspace_id AND e.document_id = OLD.id AND e.version = OLD.version;
  IF collection_moved(OLD.workspace_id, OLD.collection_id, -moved.entries, -moved.length) THEN
    PERFORM collection_terms_moved(OLD.workspace_id, OLD.collection_id, array_agg(w.word), array_agg(-w.entries)) FROM (
      SELECT word, count(*) AS entries FROM knowledge_entries e, entry_words(e.lexemes, e.embedding_model) AS word
      WHERE e.workspace_id = OLD.workspace_id AND e.document_id = OLD.id AND e.version = OLD.version GROUP BY word ORDER BY word
    ) w;
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER document_removed BEFORE DELETE ON documents
  FOR EACH ROW WHEN (OLD.status <> 'deleting' AND OLD.version > 0) EXECUTE FUNCTION document_removed();

-- Entries that are written or taken away under a version that is being shown, as an import does it.
CREATE FUNCTION entries_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sign integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
  moved record;
BEGIN
  FOR moved IN
    SELECT r.workspace_id, r.collection_id, sign * count(*) AS entries, sign * sum(r.length) AS length
    FROM changed_rows r JOIN documents d ON d.workspace_id = r.workspace_id AND d.id = r.document_id
    WHERE d.version = r.version AND d.status <> 'deleting'
    GROUP BY r.workspace_id, r.collection_id ORDER BY r.workspace_id, r.collection_id
  LOOP
    IF collection_moved(moved.workspace_id, moved.collection_id, moved.entries, moved.length) THEN
      PERFORM collection_terms_moved(moved.workspace_id, moved.collection_id, array_agg(w.word), array_agg(w.moved)) FROM (
        SELECT word, sign * count(*) AS moved
        FROM changed_rows r JOIN documents d ON d.workspace_id = r.workspace_id AND d.id = r.document_id, entry_words(r.lexemes, r.embedding_model) AS word
        WHERE r.workspace_id = moved.workspace_id AND r.collection_id = moved.collection_id
          AND d.version = r.version AND d.status <> 'deleting'
        GROUP BY word ORDER BY word
      ) w;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER entries_added AFTER INSERT ON knowledge_entries
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION entries_moved();
CREATE TRIGGER entries_removed AFTER DELETE ON knowledge_entries
  REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION entries_moved();

-- Entries that are changed where they are: their words, or only their vectors and tags.
CREATE FUNCTION entries_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moved record;
BEGIN
  FOR moved IN
    SELECT r.workspace_id, r.collection_id, sum(r.sign) AS entries, sum(r.sign * r.length) AS length
    FROM (SELECT -1 AS sign, o.* FROM old_rows o UNION ALL SELECT 1, n.* FROM new_rows n) r
      JOIN documents d ON d.workspace_id = r.workspace_id AND d.id = r.document_id
    WHERE d.version = r.version AND d.status <> 'deleting'
    GROUP BY r.workspace_id, r.collection_id ORDER BY r.workspace_id, r.collection_id
  LOOP
    IF collection_moved(moved.workspace_id, moved.collection_id, moved.entries, moved.length) THEN
      PERFORM collection_terms_moved(moved.workspace_id, moved.collection_id, array_agg(w.word), array_agg(w.moved)) FROM (
        SELECT word, sum(r.sign)::bigint AS moved
        FROM (SELECT -1 AS sign, o.* FROM old_rows o UNION ALL SELECT 1, n.* FROM new_rows n) r
          JOIN documents d ON d.workspace_id = r.workspace_id AND d.id = r.document_id, entry_words(r.lexemes, r.embedding_model) AS word
        WHERE r.workspace_id = moved.workspace_id AND r.collection_id = moved.collection_id
          AND d.version = r.version AND d.status <> 'deleting'
        GROUP BY word HAVING sum(r.sign) <> 0 ORDER BY word
      ) w;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER entries_changed AFTER UPDATE ON knowledge_entries
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION entries_changed();

CREATE FUNCTION collection_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM collection_terms WHERE workspace_id = OLD.workspace_id AND collection_id = OLD.id;
  RETURN NULL;
END $$;
CREATE TRIGGER collection_removed AFTER DELETE ON collections FOR EACH ROW EXECUTE FUNCTION collection_removed();
