// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/util/reflectx"
)

// direct lets Beam call ProcessElement of a DoFn without reflection. It is for the DoFns that see every event; register
// their method's signature too, with register.FunctionNxM.
//
// Beam's own register.DoFnNxM does the same and prepares calls of every StartBundle and FinishBundle that the arguments
// could belong to: some 44,000 functions for this package, a minute and 3.5 GB to compile (apache/beam#34693). All
// other DoFns do without: an element of theirs is rare, or costs a call over the network.
func direct[F any](processElement func(fn *F) any) {
	reflectx.RegisterStructWrapper(reflect.TypeFor[F](), func(fn any) map[string]reflectx.Func {
		return map[string]reflectx.Func{"ProcessElement": reflectx.MakeFunc(processElement(fn.(*F)))}
	})
}
