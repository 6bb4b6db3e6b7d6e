"""A mail server in this process that takes what it is handed, or refuses as it is told."""

import asyncio
import threading
from dataclasses import dataclass, field


@dataclass
class Post:
    """Speaks enough SMTP for smtplib. ``refuse`` is the command that is answered with 550."""

    refuse: str = ""
    messages: list[str] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> "Post":
        self._loop, ready = asyncio.new_event_loop(), threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self._thread.start()
        if not ready.wait(5):
            raise AssertionError("the mail server must start")
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._talk, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(server.wait_closed())

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        while line := (await reader.readline()).decode().strip():
            command = line.upper()
            if self.refuse and command.startswith(self.refuse):
                writer.write(b"550 no\r\n")
            elif command.startswith("DATA"):
                writer.write(b"354 go on\r\n")
                await self._take(reader)
                writer.write(b"250 taken\r\n")
            elif command.startswith("QUIT"):
                writer.write(b"221 bye\r\n")
                break
            else:
                if command.startswith("RCPT"):
                    self.receivers.append(line.partition("<")[2].partition(">")[0])
                writer.write(b"250 ok\r\n")
        writer.close()

    async def _take(self, reader: asyncio.StreamReader) -> None:
        lines = []
        while (line := (await reader.readline()).decode()) != ".\r\n":
            lines.append(line)
        self.messages.append("".join(lines))
