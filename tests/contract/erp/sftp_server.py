"""A receiver's SFTP server on loopback, and a stand-in of the connectors of AWS Transfer Family that reach it."""

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh import SFTPServer, SSHKey, SSHServerChannel

START_SECONDS_MAX = 20
USER = "usage-to-cash"


@dataclass(frozen=True, slots=True)
class FileServer:
    """A running server: where it is, what it is known by, and with which key one signs in."""

    port: int
    host_key: SSHKey
    user_key: SSHKey


@contextmanager
def serve_files(root: Path) -> Iterator[FileServer]:
    """Serve a directory, which is all that who signs in can see, from a thread of its own."""
    host_key, user_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    loop, listening = asyncio.new_event_loop(), threading.Event()
    started: list[int] = []
    stop = asyncio.Event()

    def only_this_directory(channel: SSHServerChannel[bytes]) -> SFTPServer:
        return SFTPServer(channel, chroot=str(root).encode())

    async def serve() -> None:
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[host_key],
            authorized_client_keys=asyncssh.import_authorized_keys(user_key.export_public_key().decode()),
            sftp_factory=only_this_directory,
        )
        started.append(server.get_port())
        listening.set()
        await stop.wait()
        server.close()
        await server.wait_closed()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), name="sftp", daemon=True)
    thread.start()
    assert listening.wait(START_SECONDS_MAX)
    try:
        yield FileServer(started[0], host_key, user_key)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(START_SECONDS_MAX)
        loop.close()


class TransferStandIn:
    """The two calls of a Transfer client that matter, for one connector: each transfer is over when it has started.

    It trusts `host_keys` alone and signs in with one `user_key`, as a connector does.
    """

    def __init__(self, s3: Any, server: FileServer, *, host_keys: Sequence[SSHKey], user_key: SSHKey) -> None:
        self._s3 = s3
        self._server = server
        self._user_key = user_key
        self._host_keys = [key.convert_to_public() for key in host_keys]
        self._ids = count(1)
        self._results: dict[str, list[Mapping[str, str]]] = {}

    def start_file_transfer(self, *, ConnectorId: str, **paths: Any) -> Mapping[str, str]:  # noqa: N803 - AWS's name
        transfer_id = f"{ConnectorId}-{next(self._ids)}"
        self._results[transfer_id] = asyncio.run(self._transferred(**paths))
        return {"TransferId": transfer_id}

    def list_file_transfer_results(self, *, ConnectorId: str, TransferId: str) -> Mapping[str, Any]:  # noqa: N803
        assert TransferId.startswith(ConnectorId)
        return {"FileTransferResults": self._results[TransferId]}

    async def _transferred(
        self,
        SendFilePaths: Sequence[str] = (),  # noqa: N803
        RemoteDirectoryPath: str = "",  # noqa: N803
        RetrieveFilePaths: Sequence[str] = (),  # noqa: N803
        LocalDirectoryPath: str = "",  # noqa: N803
    ) -> list[Mapping[str, str]]:
        paths = [*SendFilePaths, *RetrieveFilePaths]
        try:
            async with (
                asyncssh.connect(
                    "127.0.0.1",
                    self._server.port,
                    username=USER,
                    client_keys=[self._user_key],
                    known_hosts=(self._host_keys, [], []),
                ) as connection,
                connection.start_sftp_client() as sftp,
            ):
                sent = [await self._sent(sftp, path, RemoteDirectoryPath) for path in SendFilePaths]
                fetched = [await self._fetched(sftp, path, LocalDirectoryPath) for path in RetrieveFilePaths]
                return sent + fetched
        except asyncssh.HostKeyNotVerifiable as error:
            return [_failed(path, "HOST_KEY_MISMATCH", error) for path in paths]
        except asyncssh.PermissionDenied as error:
            return [_failed(path, "AUTHENTICATION_FAILED", error) for path in paths]

    async def _sent(self, sftp: asyncssh.SFTPClient, path: str, to: str) -> Mapping[str, str]:
        bucket, _, key = path.removeprefix("/").partition("/")
        content = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        async with sftp.open(f"{to}/{Path(key).name}", "wb") as file:
            await file.write(content)
        return {"FilePath": path, "StatusCode": "COMPLETED"}

    async def _fetched(self, sftp: asyncssh.SFTPClient, path: str, into: str) -> Mapping[str, str]:
        bucket, _, prefix = into.removeprefix("/").partition("/")
        try:
            async with sftp.open(path, "rb") as file:
                content = await file.read()
        except asyncssh.SFTPNoSuchFile as error:
            return _failed(path, "FILE_NOT_FOUND", error)
        self._s3.put_object(Bucket=bucket, Key=f"{prefix}/{Path(path).name}", Body=content)
        return {"FilePath": path, "StatusCode": "COMPLETED"}


def _failed(path: str, code: str, error: Exception) -> Mapping[str, str]:
    return {"FilePath": path, "StatusCode": "FAILED", "FailureCode": code, "FailureMessage": str(error)}
