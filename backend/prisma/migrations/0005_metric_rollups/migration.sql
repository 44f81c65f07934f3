-- What module_metrics said of each finished hour, so that a month is read without its rows. `durations` is a histogram of
-- completed steps: bucket b holds durations in (1.04^(b-1), 1.04^b] ms, so that its middle is at most 2 % away from any.
CREATE TABLE module_metrics_hourly (
  workspace_id uuid NOT NULL,
  hour timestamptz NOT NULL,
  module text NOT NULL,
  model text,
  strategy text NOT NULL,
  runs integer NOT NULL,
  steps integer NOT NULL,
  completed integer NOT NULL,
  failed integer NOT NULL,
  input_tokens bigint,
  output_tokens bigint,
  tokens_estimated boolean NOT NULL,
  cost_usd double precision,
  steps_without_tokens integer NOT NULL,
  steps_without_cost integer NOT NULL,
  duration_buckets smallint[] NOT NULL,
  duration_counts integer[] NOT NULL,
  UNIQUE NULLS NOT DISTINCT (workspace_id, hour, module, model, strategy),
  FOREIGN KEY (workspace_id) REFERENCES workspaces ON DELETE CASCADE
);

-- Runs of an hour by module, and over all of them where `module` is null: a run has steps of several modules and models,
-- so those of the rows above cannot be added up.
CREATE TABLE module_runs_hourly (
  workspace_id uuid NOT NULL,
  hour timestamptz NOT NULL,
  module text,
  runs integer NOT NULL,
  failed_runs integer NOT NULL,
  UNIQUE NULLS NOT DISTINCT (workspace_id, hour, module),
  FOREIGN KEY (workspace_id) REFERENCES workspaces ON DELETE CASCADE
);

-- Up to where the rows of all workspaces are rolled up; of the machine, not of a workspace. One row.
CREATE TABLE module_metrics_rolled (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  until timestamptz NOT NULL
);

-- What is rolled up and pruned is looked for over all workspaces, by time alone. Written in order of time, so a summary
-- of each stretch finds it and costs the writer next to nothing.
CREATE INDEX module_metrics_time ON module_metrics USING brin (created_at);
