# SPDX-License-Identifier: Apache-2.0

# Settings, people, the ledger of responses, journals and the audit trail. firestore.indexes.json is made from the store's
# code: no field has an index, because records are found by their keys, and what expires is deleted by Firestore.
locals {
  firestore = jsondecode(file("${path.module}/../../../../sinks/kv/firestore.indexes.json"))
  fields    = { for f in local.firestore.fieldOverrides : "${f.collectionGroup}.${f.fieldPath}" => f }
  indexes   = { for i in local.firestore.indexes : "${i.collectionGroup}: ${join(",", [for f in i.fields : f.fieldPath])}" => i }
}

resource "google_firestore_database" "aer" {
  name                              = "aer"
  location_id                       = var.firestore_location
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "PESSIMISTIC"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  depends_on                        = [google_project_service.needed]
}

resource "google_firestore_field" "fields" {
  for_each   = local.fields
  database   = google_firestore_database.aer.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath

  index_config {}

  dynamic "ttl_config" {
    for_each = lookup(each.value, "ttl", false) ? [true] : []
    content {}
  }
}

resource "google_firestore_index" "indexes" {
  for_each   = local.indexes
  database   = google_firestore_database.aer.name
  collection = each.value.collectionGroup

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path = fields.value.fieldPath
      order      = fields.value.order
    }
  }
}
