-- Why a step failed: what lay in the request is not held against the module.
ALTER TABLE module_metrics ADD COLUMN error_code text;

-- How each answer was chosen. Kept apart from module_metrics, whose rows are pruned before their thumbs are learned from.
CREATE TABLE answer_choices (
  workspace_id uuid NOT NULL,
  run_id uuid NOT NULL,
  message_id uuid NOT NULL,
  -- What sort of request it was.
  kind text NOT NULL,
  module text NOT NULL,
  model text,
  strategy text NOT NULL,
  -- The measured parts of the module's score; null when it had none.
  selection jsonb,
  -- Between what there was a choice, and how likely each of them was; null without a choice.
  choice jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, run_id),
  FOREIGN KEY (workspace_id, message_id) REFERENCES messages ON DELETE CASCADE
);
CREATE INDEX answer_choices_message ON answer_choices (workspace_id, message_id);
CREATE INDEX answer_choices_age ON answer_choices (workspace_id, created_at);

-- Whether a workspace learns; absent means that it does.
CREATE TABLE selection_settings (
  workspace_id uuid PRIMARY KEY REFERENCES workspaces ON DELETE CASCADE,
  is_on boolean NOT NULL,
  updated_by uuid,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- What was learned, with its report; the highest version is in effect while learning is on.
CREATE TABLE selection_policies (
  workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  version integer NOT NULL,
  -- A person's request or the nightly job.
  made_by text NOT NULL CHECK (made_by IN ('person', 'job')),
  weights jsonb NOT NULL,
  arms jsonb NOT NULL,
  report jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, version)
);
