# SPDX-License-Identifier: Apache-2.0

variable "project" {
  description = "The id of the project that everything lives in."
  type        = string
}

variable "region" {
  description = "Where the job, its bucket and its images are."
  type        = string
  default     = "europe-west1"
}

variable "location" {
  description = "Where the dataset is: a region, or EU or US. It cannot be changed later."
  type        = string
  default     = "EU"
}

variable "firestore_location" {
  description = "Where settings, people and the ledger are: a region, eur3 or nam5. It cannot be changed later."
  type        = string
  default     = "eur3"
}

variable "mode" {
  description = "observe decides and records; enforce also ends sessions and tells people."
  type        = string
  default     = "observe"

  validation {
    condition     = contains(["observe", "enforce"], var.mode)
    error_message = "The mode must be observe or enforce."
  }
}

variable "expected_users" {
  description = "How many people act, over all organisations, in a year or two: the number of shards follows from it, and cannot be changed in a running job."
  type        = number
  default     = 100000
}

variable "platform_webhook" {
  description = "The https address at which your platform ends sessions (sinks/sessions/webhook/README.md); empty: commands go to the topic aer-sessions."
  type        = string
  default     = ""
}

variable "tor_list" {
  description = "The name of the list of Tor exits in the bucket, which a job of yours keeps current; empty: nothing is Tor."
  type        = string
  default     = ""
}

variable "publishers" {
  description = "Who publishes events, as serviceAccount:events@PROJECT.iam.gserviceaccount.com."
  type        = set(string)
  default     = []
}

variable "analysts" {
  description = "Who may query the warehouse, as group:security@example.com."
  type        = set(string)
  default     = []
}

variable "operators" {
  description = "Mail addresses of those who run AER: they are told of alerts, of budgets that close and of steps that fail for good."
  type        = set(string)
  default     = []
}

variable "activity_days" {
  description = "For how many days slices are kept: baselines look back six weeks, five of which tell which objects are new."
  type        = number
  default     = 42

  validation {
    condition     = var.activity_days >= 42
    error_message = "Baselines need 42 days of activity."
  }
}

variable "deletion_protection" {
  description = "Whether tables and the database refuse to be destroyed."
  type        = bool
  default     = true
}
