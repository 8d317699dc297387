// SPDX-License-Identifier: Apache-2.0

package event

// queue is a heap (container/heap) of which the first in order leaves first.
type queue[T interface{ Before(than T) bool }] []T

func (q queue[T]) Len() int           { return len(q) }
func (q queue[T]) Less(i, j int) bool { return q[i].Before(q[j]) }
func (q queue[T]) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue[T]) Push(x any)        { *q = append(*q, x.(T)) }
func (q *queue[T]) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	(*q)[last] = *new(T) // what has left can be freed
	*q = (*q)[:last]
	return x
}
