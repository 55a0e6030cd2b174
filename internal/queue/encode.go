package queue

// Encode returns records as they are sent to another node.
func Encode(records []Record) (message []byte) {
	for i := range records {
		message = appendTask(message, uint64(i), &records[i])
	}
	return message
}

// Decode returns the records of what Encode has returned, in whose memory they are.
func Decode(message []byte) (records []Record, err error) {
	to := reader{
		task:  func(_ uint64, r Record) { records = append(records, r) },
		again: func(again) {},
		ended: func(uint64) {},
	}
	err = to.read(message)
	return records, err
}
