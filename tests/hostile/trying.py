"""A series of hostile requests in one role."""

import time
from collections.abc import Callable

from .drawing import Drawing
from .places import Map, Place
from .sending import Sender, Tally, log_of_the_settings


class Trial:
    """Requests of one role, drawn from seeds, and what was answered."""

    def __init__(
        self, role: str, the_map: Map, clock: Callable[[], float] = time.process_time
    ) -> None:
        self.role, self.map, self.tally, self.clock = role, the_map, Tally(), clock

    def go_on(self, seed: str, count: int) -> None:
        """Send `count` requests, a browser's before the first of each place among them."""
        end = self.tally.total + count
        with log_of_the_settings() as log:
            sender = Sender(self.role, log, self.clock)
            # Whoever is hostile may know the pages of an administrator.
            reader = sender if self.role == "administrator" else Sender("administrator", log)
            drawing = Drawing(seed, self.role, self.map, sender.token)
            while self.tally.total < end:
                place = drawing.place()
                if not place.was_read:
                    self.read(place, reader, drawing)
                sender.judged(drawing.hostile(place), self.tally)

    def read(self, place: Place, reader: Sender, drawing: Drawing) -> None:
        place.was_read = True
        request = drawing.plain(place)
        answer = reader.judged(request, self.tally)
        if answer.status == 200:
            self.map.learn(request.path, answer.body.decode(errors="replace"))
