-- What somebody thinks of an answer: once per person and answer.
CREATE TABLE message_feedback (
  workspace_id uuid NOT NULL,
  message_id uuid NOT NULL,
  user_id uuid NOT NULL,
  rating text NOT NULL CHECK (rating IN ('up', 'down')),
  reason text,
  correction text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, message_id, user_id),
  FOREIGN KEY (workspace_id, message_id) REFERENCES messages ON DELETE CASCADE,
  FOREIGN KEY (workspace_id, user_id) REFERENCES memberships ON DELETE CASCADE
);
CREATE INDEX message_feedback_user ON message_feedback (workspace_id, user_id);

-- Questions about a stretch of time, over all modules.
CREATE INDEX module_metrics_age ON module_metrics (workspace_id, created_at);
