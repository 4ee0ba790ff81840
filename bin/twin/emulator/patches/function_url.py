"""Function URLs that open. The emulator hands out https://ID.lambda-url.REGION.on.aws/, which leads nowhere on a
laptop, while it serves the function at /_aws/lambda-url/ID/ (its own form for resolvers that do not know
*.localhost). So that links in mails and the CLI's endpoint work as they are, that form is what a URL is here."""

from ministack.services import lambda_svc

from .support import require, setting

PREFIX = "/_aws/lambda-url/"


def apply() -> None:
    require(hasattr(lambda_svc, "_new_function_url_id"), "lambda_svc._new_function_url_id")
    require(hasattr(lambda_svc, "_function_url_id"), "lambda_svc._function_url_id")
    base = f"http://127.0.0.1:{setting('PORT', '4566')}{PREFIX}"
    create = lambda_svc._create_function_url_config
    by_host = lambda_svc._function_url_id

    def create_reachable(func_name, data, qualifier):
        status, headers, body = create(func_name, data, qualifier)
        if status == 201:
            config = lambda_svc._function_urls[lambda_svc._url_config_key(func_name, qualifier)]
            config["FunctionUrl"] = f"{base}{by_host(config['FunctionUrl'])}/"
            return lambda_svc.json_response(config, status=201)
        return status, headers, body

    def url_id(function_url: str) -> str:
        _, found, rest = function_url.partition(PREFIX)
        return rest.partition("/")[0] if found else by_host(function_url)

    lambda_svc._create_function_url_config = create_reachable
    lambda_svc._function_url_id = url_id
