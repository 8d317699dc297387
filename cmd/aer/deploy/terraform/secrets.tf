# SPDX-License-Identifier: Apache-2.0

# Only the places of secrets: their values are added by hand and are in no state file (README.md). A configuration names
# them as gcp:projects/P/secrets/S/versions/latest, and reads them again every five minutes.
locals {
  secret_webhook = "aer-webhook"
}

resource "google_secret_manager_secret" "secrets" {
  for_each  = toset(var.platform_webhook == "" ? [] : [local.secret_webhook])
  secret_id = each.value

  replication {
    auto {}
  }

  depends_on = [google_project_service.needed]
}

resource "google_secret_manager_secret_iam_member" "worker" {
  for_each  = google_secret_manager_secret.secrets
  secret_id = each.value.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.worker.member
}
