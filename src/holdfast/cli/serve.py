"""``holdfast serve``: start the web application."""

import os
from pathlib import Path
from typing import Any

import click

from holdfast.settings import Settings, load_settings, secret_key

__all__ = ["serve"]


@click.command()
@click.option("--host", help="Address to serve on. Beyond loopback a secret key must be set.")
@click.option("--port", type=int, help="Port to serve on.")
@click.option("--model", help='Language model, for example "http://127.0.0.1:11434/v1#name", or "none".')
@click.option("--config", type=click.Path(path_type=Path), help="Settings file; ./holdfast.toml where it exists.")
def serve(host: str | None, port: int | None, model: str | None, config: Path | None) -> None:
    """Start the web application.

    The database is created on first use. Stop with Ctrl-C: whatever is being answered is finished first.
    """
    given = {"host": host, "port": port, "model": model}
    overrides = {name: value for name, value in given.items() if value is not None}
    settings = load_settings(config=config, environ=os.environ, overrides=overrides)
    secret_key(settings)
    _check_model(settings)
    _announce(settings)
    _run(settings)


def _check_model(settings: Settings) -> None:
    """Refuse a model that may not be asked before anything starts."""
    from holdfast.language.specification import parse_model_spec
    from holdfast.service.privacy.reaching import check_reach

    check_reach(settings, parse_model_spec(settings.model))


def _announce(settings: Settings) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    click.echo(f"Holdfast is starting on http://{host}:{settings.port}")
    click.echo(f"Data: {settings.data_dir}   Language model: {settings.model}   Stop: Ctrl-C")
    click.echo("Research use, not for care.")


def _run(settings: Settings) -> None:
    import uvicorn

    from holdfast.service.app import create_app

    proxies: dict[str, Any] = {"proxy_headers": False}
    if settings.trusted_proxies:
        proxies = {"proxy_headers": True, "forwarded_allow_ips": list(settings.trusted_proxies)}
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,  # paths and addresses are about people; nothing about them is logged
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=10,
        **proxies,
    )
