# SPDX-License-Identifier: Apache-2.0

# What somebody should look at, as PromQL over Cloud Monitoring. Counters of the pipeline are the service's job/user_counter
# by name; they only grow, and begin anew with a job.
locals {
  counter = "dataflow_googleapis_com:job_user_counter"

  alerts = {
    "job failed" = {
      query = "dataflow_googleapis_com:job_is_failed{job_name=\"aer\"} > 0"
      after = "0s"
      doc   = "The job has ended by itself. Look at its log, and start it again: Pub/Sub keeps events for a week."
    }
    "events wait" = {
      query = "pubsub_googleapis_com:subscription_oldest_unacked_message_age{subscription_id=\"${local.subscription}\"} > 600"
      after = "300s"
      doc   = "The oldest event waits for more than ten minutes: no job runs, or it is behind. What is found so late ends no session."
    }
    "events given up" = {
      query = "increase(pubsub_googleapis_com:subscription_dead_letter_message_count{subscription_id=\"${local.subscription}\"}[10m]) > 0"
      after = "0s"
      doc   = "Messages went to the topic ${local.topic_dead}: workers fail at them. Look at the job's log."
    }
    "decisions are late" = {
      query = "dataflow_googleapis_com:job_system_lag{job_name=\"aer\"} > 120"
      after = "600s"
      doc   = "Something has been on its way for two minutes: a stage is behind. More workers (max_num_workers) or longer windows help."
    }
    "no events" = {
      query = "sum(delta(${local.counter}{job_name=\"aer\",metric_name=\"events\"}[30m])) <= 0"
      after = "1800s"
      doc   = "No event was taken in for half an hour. Does the platform publish?"
    }
    "dead letters" = {
      query = "sum(delta(${local.counter}{job_name=\"aer\",metric_name=\"dead_letters\"}[10m])) > 100"
      after = "0s"
      doc   = "More than a hundred messages in ten minutes were no event: the table dead_letters has them with the reason. Has their form changed?"
    }
    "late events" = {
      query = "sum(delta(${local.counter}{job_name=\"aer\",metric_name=\"events_late\"}[10m])) > 1000"
      after = "0s"
      doc   = "Events come later than slices.lateness bears and are left out: publishers hold them back, or clocks are wrong."
    }
    "lists cannot be read" = {
      query = "sum(delta(${local.counter}{job_name=\"aer\",metric_name=\"refresh_errors\"}[1h])) > 3"
      after = "0s"
      doc   = "A list of Tor exits or a database of networks cannot be read; the last good one is used, and findings from an old list only log."
    }
    "baselines are old" = {
      query = "sum(delta(${local.counter}{job_name=\"aer\",metric_name=\"slices_judged_stale\"}[1h])) > 0"
      after = "0s"
      doc   = "Slices are judged by an old version of the baselines: look at the scheduled query aer daily."
    }
    "responses are left open" = {
      query = "sum(delta(${local.counter}{job_name=\"aer\",metric_name=\"pending\"}[30m])) > 10"
      after = "0s"
      doc   = "Responses could not be carried out and are tried again: is the platform, or what carries messages, down? aer responses shows them."
    }
    "responses are refused" = {
      query = "sum(delta(${local.counter}{job_name=\"aer\",metric_name=\"refused\"}[10m])) > 0"
      after = "0s"
      doc   = "A budget is exhausted, or a response was refused: more people were to be signed out than is allowed. aer budget says whose."
    }
  }
}

resource "google_monitoring_notification_channel" "operators" {
  for_each     = var.operators
  display_name = "AER: ${each.value}"
  type         = "email"
  labels       = { email_address = each.value }
  depends_on   = [google_project_service.needed]
}

resource "google_monitoring_alert_policy" "alerts" {
  for_each              = local.alerts
  display_name          = "AER: ${each.key}"
  combiner              = "OR"
  notification_channels = [for c in google_monitoring_notification_channel.operators : c.name]

  documentation {
    content   = each.value.doc
    mime_type = "text/markdown"
  }

  conditions {
    display_name = each.key

    condition_prometheus_query_language {
      query               = each.value.query
      duration            = each.value.after
      evaluation_interval = "60s"
    }
  }
}
