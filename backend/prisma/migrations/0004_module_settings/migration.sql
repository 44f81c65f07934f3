-- Which modules a workspace has turned off, or on again, and who did it last. What is not here is on.
CREATE TABLE module_settings (
  workspace_id uuid NOT NULL,
  module text NOT NULL,
  is_enabled boolean NOT NULL,
  updated_by uuid REFERENCES users ON DELETE SET NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, module),
  FOREIGN KEY (workspace_id) REFERENCES workspaces ON DELETE CASCADE
);
CREATE INDEX module_settings_user ON module_settings (updated_by);
