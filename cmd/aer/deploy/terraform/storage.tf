# SPDX-License-Identifier: Apache-2.0

# Files that workers read: the configuration, and lists that others keep current.
resource "google_storage_bucket" "files" {
  name                        = "${var.project}-aer"
  location                    = var.location
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  depends_on                  = [google_project_service.needed]

  versioning {
    enabled = true
  }
}

# What jobs are started from. Nothing here is deleted by age: workers that join later fetch the binary of the job, however
# old it is. Dataflow writes much that is short-lived, so that nothing deleted is kept.
resource "google_storage_bucket" "staging" {
  name                        = "${var.project}-aer-staging"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  depends_on                  = [google_project_service.needed]

  soft_delete_policy {
    retention_duration_seconds = 0
  }
}

resource "google_artifact_registry_repository" "aer" {
  repository_id = "aer"
  location      = var.region
  format        = "DOCKER"
  depends_on    = [google_project_service.needed]
}

resource "google_storage_bucket_object" "config" {
  bucket  = google_storage_bucket.files.name
  name    = "aer.yaml"
  content = local.config
}

locals {
  config = templatefile("${path.module}/aer.yaml.tftpl", {
    project        = var.project
    mode           = var.mode
    expected_users = var.expected_users
    subscription   = local.subscription
    dataset        = local.dataset
    database       = "aer"
    bucket         = "${var.project}-aer"
    tor_list       = var.tor_list
    webhook        = var.platform_webhook
    secret_webhook = local.secret_webhook
    topic_sessions = local.topic_sessions
    topic_mail     = local.topic_mail
    topic_audit    = local.topic_audit
    operators      = var.operators
  })
}
