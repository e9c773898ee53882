"""Meetings: sessions in the time zones of those who take part, their calendars, and who might talk with whom. All pure."""
