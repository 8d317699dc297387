// SPDX-License-Identifier: Apache-2.0

package tor

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aer-project/aer/transforms/lists"
)

// stillListed are the ways in which an interval says that it has not ended.
var stillListed = []string{"", "0", "-", "null", "none"}

// isHistory says whether a line looks like one of a TSV of address, from, until, or like its header.
func isHistory(line string) bool {
	fields := historyFields(line)
	if len(fields) < 2 || len(fields) > 3 {
		return false
	}
	from, err := parseUnix("from", fields[1])
	if !strings.Contains(line, "\t") && from.Year() < historyYear {
		return isHistoryHeader(fields) // a port or a count
	}
	return isAddr(fields[0]) || err == nil || isHistoryHeader(fields)
}

// historyYear is before Tor was there: a number that means a time before is none.
const historyYear = 2002

// historyFields takes a line apart at its tabs, or at its commas if it has none: a history that went through a
// spreadsheet is not a list of what is an exit now.
func historyFields(line string) []string {
	line = lists.Uncomment(line)
	if strings.Contains(line, "\t") {
		return strings.Split(line, "\t")
	}
	return strings.Split(line, ",")
}

func isHistoryHeader(fields []string) bool {
	return slices.Contains(addressColumns, lists.Name(fields[0])) && lists.Name(fields[1]) == "from"
}

// readTSV reads address, from, until. What is still listed was so at asOf, when the file was written, and since.
func (l *Listing) readTSV(r io.Reader, asOf time.Time) error {
	return lists.Each(r, &l.Problems, func(line string) error {
		fields := historyFields(line)
		if len(fields) == 2 {
			fields = append(fields, "") // the tab at the end of a line is easily lost
		}
		if len(fields) != 3 {
			return fmt.Errorf("%d fields separated by tabs, want 3: address, from, until", len(fields))
		}
		if isHistoryHeader(fields) {
			return nil
		}
		return l.addHistory(fields, asOf)
	})
}

func (l *Listing) addHistory(fields []string, asOf time.Time) error {
	addr, err := parseAddr(fields[0])
	if err != nil {
		return err
	}
	from, err := parseUnix("from", fields[1])
	if err != nil {
		return err
	}
	open := slices.Contains(stillListed, strings.ToLower(strings.TrimSpace(fields[2])))
	until := latest(from, asOf)
	if !open {
		if until, err = parseUnix("until", fields[2]); err != nil {
			return fmt.Errorf("%w, and not empty or 0 for what is still listed", err)
		}
	}
	if until.Before(from) {
		return fmt.Errorf("until %d is before from %d", until.Unix(), from.Unix())
	}
	l.Intervals = append(l.Intervals, Interval{Addr: addr, From: from.Unix(), Until: until.Unix(), Open: open})
	l.sawTime(until)
	if l.CoveredFrom.IsZero() || from.Before(l.CoveredFrom) {
		l.CoveredFrom = from
	}
	return nil
}
