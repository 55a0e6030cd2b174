package scheduler

// Contested are tasks in this node's queue whose ids other living nodes have claimed:
// they were submitted there once more. When such a node has ended one, it is over here
// too; when that node gives it up, it runs here. Others are about to end here.

// contestsAtOnce is how many are looked at in each claimAgain.
const contestsAtOnce = 256

// takeOverAgain tries once more to go on with tasks that other nodes have kept, or have claimed.
func (s *Scheduler) takeOverAgain(some []*restoration) (left []*restoration) {
	_ = inParallel(some, func(one **restoration) error {
		s.takeOver(*one) // which parks it again if it must
		return nil
	})
	return nil
}
