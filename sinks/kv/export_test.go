// SPDX-License-Identifier: Apache-2.0

package kv

// DocumentID is for tests that look at documents.
var DocumentID = documentID
