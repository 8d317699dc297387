# SPDX-License-Identifier: Apache-2.0

locals {
  topic_events   = "aer-events"
  topic_dead     = "aer-events-dead"
  topic_sessions = "aer-sessions"
  topic_mail     = "aer-mail"
  topic_audit    = "aer-audit"
  subscription   = "aer"
}

# Events in. They are kept for a week, so that a new job can begin in the past (another number of shards is a new job).
resource "google_pubsub_topic" "events" {
  name                       = local.topic_events
  message_retention_duration = "604800s"
  depends_on                 = [google_project_service.needed]
}

# What nobody could take in many attempts. What can be taken but is no event goes to the table dead_letters instead.
resource "google_pubsub_topic" "dead" {
  name                       = local.topic_dead
  message_retention_duration = "604800s"
  depends_on                 = [google_project_service.needed]
}

# Commands to end sessions, messages to people, and audit entries, for a platform that takes them from topics.
resource "google_pubsub_topic" "out" {
  for_each   = toset([local.topic_sessions, local.topic_mail, local.topic_audit])
  name       = each.value
  depends_on = [google_project_service.needed]
}

# Dataflow acknowledges what it has committed and extends deadlines meanwhile; it neither needs Pub/Sub's exactly-once
# delivery nor works well with it. A bundle that fails is delivered again at once and as a whole: the number of attempts is
# the highest there is, so that good messages beside a bad one do not reach the dead-letter topic.
resource "google_pubsub_subscription" "events" {
  name                       = local.subscription
  topic                      = google_pubsub_topic.events.id
  ack_deadline_seconds       = 600
  message_retention_duration = "604800s"

  expiration_policy {
    ttl = "" # never: a subscription that has expired has lost what came meanwhile
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead.id
    max_delivery_attempts = 100
  }

  depends_on = [google_pubsub_topic_iam_member.dead_publisher]
}

# So that somebody can look at them, and nothing is dropped for want of a subscription.
resource "google_pubsub_subscription" "dead" {
  name                       = local.topic_dead
  topic                      = google_pubsub_topic.dead.id
  message_retention_duration = "604800s"

  expiration_policy {
    ttl = ""
  }
}

# Pub/Sub itself moves messages to the dead-letter topic, by its own account.
locals {
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_pubsub_topic_iam_member" "dead_publisher" {
  topic  = google_pubsub_topic.dead.name
  role   = "roles/pubsub.publisher"
  member = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "dead_subscriber" {
  subscription = google_pubsub_subscription.events.name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}

resource "google_pubsub_topic_iam_member" "publishers" {
  for_each = var.publishers
  topic    = google_pubsub_topic.events.name
  role     = "roles/pubsub.publisher"
  member   = each.value
}
