# SPDX-License-Identifier: Apache-2.0

# Three accounts, each with what it does and no more: workers run the job, the launcher starts it, the scheduler derives
# baselines.
resource "google_service_account" "worker" {
  account_id   = "aer-worker"
  display_name = "AER: the workers of the job"
}

resource "google_service_account" "launcher" {
  account_id   = "aer-launcher"
  display_name = "AER: starts, updates and drains the job"
}

resource "google_service_account" "scheduler" {
  account_id   = "aer-scheduler"
  display_name = "AER: derives baselines in BigQuery"
}

# Of the project, because there is nothing smaller to grant it on: to be a worker, to run queries (which feedback is there
# already), and the one database.
resource "google_project_iam_member" "worker_dataflow" {
  project = var.project
  role    = "roles/dataflow.worker"
  member  = google_service_account.worker.member
}

resource "google_project_iam_member" "worker_jobs" {
  project = var.project
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.worker.member
}

resource "google_project_iam_member" "worker_firestore" {
  project = var.project
  role    = "roles/datastore.user"
  member  = google_service_account.worker.member

  condition {
    title      = "the database aer"
    expression = "resource.name == \"projects/${var.project}/databases/${google_firestore_database.aer.name}\""
  }
}

# Dataflow also looks at the subscription. With source.time_attribute it makes one of its own beside it, which takes
# roles/pubsub.editor on the project.
resource "google_pubsub_subscription_iam_member" "worker" {
  for_each     = toset(["roles/pubsub.subscriber", "roles/pubsub.viewer"])
  subscription = google_pubsub_subscription.events.name
  role         = each.value
  member       = google_service_account.worker.member
}

resource "google_pubsub_topic_iam_member" "worker" {
  for_each = google_pubsub_topic.out
  topic    = each.value.name
  role     = "roles/pubsub.publisher"
  member   = google_service_account.worker.member
}

resource "google_bigquery_dataset_iam_member" "worker" {
  dataset_id = google_bigquery_dataset.aer.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.worker.member
}

resource "google_storage_bucket_iam_member" "worker_files" {
  bucket = google_storage_bucket.files.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.worker.member
}

resource "google_storage_bucket_iam_member" "worker_staging" {
  bucket = google_storage_bucket.staging.name
  role   = "roles/storage.objectAdmin"
  member = google_service_account.worker.member
}

resource "google_artifact_registry_repository_iam_member" "worker" {
  repository = google_artifact_registry_repository.aer.name
  location   = google_artifact_registry_repository.aer.location
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.worker.member
}

# The launcher acts as the workers when it starts them, and so needs no right to events or sessions of its own.
resource "google_project_iam_member" "launcher_dataflow" {
  project = var.project
  role    = "roles/dataflow.developer"
  member  = google_service_account.launcher.member
}

resource "google_service_account_iam_member" "launcher_as_worker" {
  service_account_id = google_service_account.worker.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.launcher.member
}

resource "google_storage_bucket_iam_member" "launcher_files" {
  bucket = google_storage_bucket.files.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.launcher.member
}

resource "google_storage_bucket_iam_member" "launcher_staging" {
  bucket = google_storage_bucket.staging.name
  role   = "roles/storage.objectAdmin"
  member = google_service_account.launcher.member
}

resource "google_artifact_registry_repository_iam_member" "launcher" {
  repository = google_artifact_registry_repository.aer.name
  location   = google_artifact_registry_repository.aer.location
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.launcher.member
}

resource "google_bigquery_dataset_iam_member" "scheduler" {
  dataset_id = google_bigquery_dataset.aer.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.scheduler.member
}

resource "google_project_iam_member" "scheduler_jobs" {
  project = var.project
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.scheduler.member
}

# BigQuery runs scheduled queries as the scheduler, by its own account.
resource "google_service_account_iam_member" "transfer_as_scheduler" {
  service_account_id = google_service_account.scheduler.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-bigquerydatatransfer.iam.gserviceaccount.com"
  depends_on         = [google_project_service.needed]
}

resource "google_bigquery_dataset_iam_member" "analysts" {
  for_each   = var.analysts
  dataset_id = google_bigquery_dataset.aer.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = each.value
}

resource "google_project_iam_member" "analysts_jobs" {
  for_each = var.analysts
  project  = var.project
  role     = "roles/bigquery.jobUser"
  member   = each.value
}
