// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
)

// eventTime converts Unix milliseconds to Beam's time, kept within what Beam can represent.
func eventTime(ms int64) beam.EventTime {
	return mtime.Normalize(mtime.FromMilliseconds(ms))
}

// at converts Unix milliseconds to a time for setting timers.
func at(ms int64) time.Time { return time.UnixMilli(ms) }
