# SPDX-License-Identifier: Apache-2.0

# Tables, views and scheduled queries are those that this version of AER writes and reads: all follow from the files that
# go generate made of the protos. aer warehouse check says the same of a live dataset.
locals {
  schemas = "${path.module}/../../../../schemas"
  dataset = "aer"
  tables  = { for t in jsondecode(file("${local.schemas}/bigquery/tables.json")) : t.table => t }

  # The files name the dataset aer; here its project goes before it.
  qualified = "`${var.project}.${local.dataset}."

  # Views by name. Some stand on others, which have to be there first: three levels.
  view_statements = regexall("(?s)CREATE OR REPLACE VIEW `aer\\.(\\w+)` AS\n(.*?);\n(?:\n|$)", file("${local.schemas}/sql/bigquery/views.sql"))
  views           = { for v in local.view_statements : v[0] => replace(v[1], "`aer.", local.qualified) }
  views_beneath   = { for name, query in local.views : name => setintersection(toset([for m in regexall("\\.(\\w+)`", query) : m[0]]), toset(keys(local.views))) }
  views_first     = toset([for name, beneath in local.views_beneath : name if length(beneath) == 0])
  views_second    = toset([for name, beneath in local.views_beneath : name if length(beneath) > 0 && length(setsubtract(beneath, local.views_first)) == 0])
  views_third     = setsubtract(toset(keys(local.views)), setunion(local.views_first, local.views_second))

  scheduled = {
    hourly = { schedule = "every 1 hours", start = "2026-01-01T00:15:00Z" }
    daily  = { schedule = "every 24 hours", start = "2026-01-01T00:30:00Z" }
  }
}

resource "google_bigquery_dataset" "aer" {
  dataset_id  = local.dataset
  location    = var.location
  description = "What AER saw, found, decided and did."
  depends_on  = [google_project_service.needed]
}

resource "google_bigquery_table" "tables" {
  for_each            = local.tables
  dataset_id          = google_bigquery_dataset.aer.dataset_id
  table_id            = each.key
  description         = each.value.description
  schema              = file("${local.schemas}/bigquery/${each.value.schema}")
  clustering          = each.value.cluster_by
  deletion_protection = var.deletion_protection

  time_partitioning {
    type          = "DAY"
    field         = each.value.partition_by_day_of
    expiration_ms = each.key == "activity" ? var.activity_days * 24 * 3600 * 1000 : null
  }
}

resource "google_bigquery_table" "views_first" {
  for_each            = local.views_first
  dataset_id          = google_bigquery_dataset.aer.dataset_id
  table_id            = each.value
  deletion_protection = false

  view {
    query          = local.views[each.value]
    use_legacy_sql = false
  }

  depends_on = [google_bigquery_table.tables]
}

resource "google_bigquery_table" "views_second" {
  for_each            = local.views_second
  dataset_id          = google_bigquery_dataset.aer.dataset_id
  table_id            = each.value
  deletion_protection = false

  view {
    query          = local.views[each.value]
    use_legacy_sql = false
  }

  depends_on = [google_bigquery_table.views_first]
}

resource "google_bigquery_table" "views_third" {
  for_each            = local.views_third
  dataset_id          = google_bigquery_dataset.aer.dataset_id
  table_id            = each.value
  deletion_protection = false

  view {
    query          = local.views[each.value]
    use_legacy_sql = false
  }

  depends_on = [google_bigquery_table.views_second]
}

# Activity becomes baselines: what of it is complete every hour, and a version a day.
resource "google_bigquery_data_transfer_config" "scheduled" {
  for_each             = local.scheduled
  display_name         = "aer ${each.key}"
  location             = google_bigquery_dataset.aer.location
  data_source_id       = "scheduled_query"
  schedule             = each.value.schedule
  service_account_name = google_service_account.scheduler.email

  schedule_options {
    start_time = each.value.start
  }

  params = {
    query = replace(file("${local.schemas}/sql/bigquery/scheduled_${each.key}.sql"), "`aer.", local.qualified)
  }

  depends_on = [
    google_bigquery_table.views_third,
    google_bigquery_dataset_iam_member.scheduler,
    google_project_iam_member.scheduler_jobs,
    google_service_account_iam_member.transfer_as_scheduler,
  ]
}
