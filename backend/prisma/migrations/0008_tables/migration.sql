-- What is known of the tables of a document (CSV files, sheets of a workbook): names, columns, how many rows. The rows
-- themselves stay in the document's bytes and are read from there when somebody asks about them.
CREATE TABLE document_tables (
  workspace_id uuid NOT NULL,
  document_id uuid NOT NULL,
  version integer NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  description jsonb NOT NULL,
  PRIMARY KEY (workspace_id, document_id, version, number),
  FOREIGN KEY (workspace_id, document_id) REFERENCES documents ON DELETE CASCADE
);
