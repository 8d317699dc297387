# SPDX-License-Identifier: Apache-2.0

output "config" {
  description = "The configuration that the job is started with."
  value       = "gs://${google_storage_bucket.files.name}/${google_storage_bucket_object.config.name}"
}

output "staging" {
  description = "Where jobs are staged."
  value       = "gs://${google_storage_bucket.staging.name}/jobs"
}

output "image" {
  description = "The name of the template's image, without a tag."
  value       = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.aer.repository_id}/template"
}

output "worker" {
  description = "The account of the workers."
  value       = google_service_account.worker.email
}

output "launcher" {
  description = "The account to start the job with."
  value       = google_service_account.launcher.email
}

output "topic" {
  description = "Where events are published."
  value       = google_pubsub_topic.events.id
}
