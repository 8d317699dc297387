// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// decoder reads what an encoder wrote, chunk after chunk.
type decoder struct {
	textReader
	programs       []program
	clients        []*aerv1.FacetClient
	seats          []*Seat
	appliedMS      int64
	org            string
	unitMS, lastMS int64

	// Where parts of profiles are made.
	profiles       block[Profile]
	sessions       block[Session]
	sessionClients block[SessionClient]
	sightings      block[Sighting]
	cells          block[aerv1.FacetClient]
	seatCells      block[Seat]
	thingList      block[Thing]
	objectList     block[Object]
	peakList       block[Peak]
	minutes        block[Minute]
	recent         block[MethodCalls]

	// What is gathered before its number is known.
	thingsRead []Thing
	peaksRead  []Peak
}

// leastProfile is how many bytes a profile takes at least.
const leastProfile = 13

// chunk reads the profiles of a chunk.
func (d *decoder) chunk(c *aerv1.ProfileChunk, appliedMS int64, each func(*Profile)) error {
	if sum := checksum(c, appliedMS); sum != c.Checksum {
		return fmt.Errorf("its %d bytes are damaged: their checksum is %x and not %x", len(c.Packed), sum, c.Checksum)
	}
	d.Rest, d.Bad, d.appliedMS, d.org = c.Packed, false, appliedMS, ""
	d.shared, d.programs = d.shared[:0], d.programs[:0]
	for i := range c.Profiles {
		p := d.profile()
		if d.Bad {
			return fmt.Errorf("profile %d of %d is cut short or none", i+1, c.Profiles)
		}
		each(p)
	}
	if len(d.Rest) > 0 {
		return fmt.Errorf("%d bytes are left over behind %d profiles", len(d.Rest), c.Profiles)
	}
	return nil
}

func (d *decoder) profile() *Profile {
	d.own, d.clients, d.seats = d.own[:0], d.clients[:0], d.seats[:0]
	p := d.profiles.one()
	flags := d.Uint()
	if flags >= hasEnd {
		d.Fail()
	}
	d.unitMS = unitOf(flags)
	if flags&hasSameOrg == 0 {
		d.org = d.sharedText()
	}
	p.OrgID, p.UserID = d.org, d.text()
	if flags&hasUserType != 0 {
		p.UserType = d.sharedText()
	}
	if flags&hasApp != 0 {
		p.ActorKind, p.AppID = d.sharedText(), d.text()
	}
	p.LastMS = d.time(d.appliedMS)
	p.FirstMS = d.time(p.LastMS)
	d.lastMS = p.LastMS
	p.RecentDays, p.ActiveDays = d.Uint(), uint32(d.Uint())
	if flags&hasSessions != 0 {
		p.Sessions = d.sessions.take(d.count(leastSession))
		for i := range p.Sessions {
			d.session(&p.Sessions[i])
		}
	}
	d.things(p)
	if flags&hasDownloads != 0 {
		p.Downloads = d.objects()
	}
	if flags&hasReads != 0 {
		p.Reads = d.objects()
	}
	if flags&hasPeaks != 0 {
		d.peaks(p)
	}
	if flags&hasCalls != 0 {
		d.calls(p)
	}
	if flags&hasAttempts != 0 {
		d.attempts(p)
	}
	return p
}

// time is a time before another.
func (d *decoder) time(afterMS int64) int64 { return (afterMS/d.unitMS - int64(d.Uint())) * d.unitMS }

// after is a time after another, of which it was written how long the other is before it.
func (d *decoder) after(beforeMS int64) int64 {
	return (beforeMS/d.unitMS + int64(d.Uint())) * d.unitMS
}
